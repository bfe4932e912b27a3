// SPDX-License-Identifier: MIT
// fmt, compiled once. Its header-only form would compile and optimise the whole library in every file that
// formats a line; its shared library would be one more in a privileged process, and no distribution ships an
// archive of it. These are the instantiations that fmt's headers declare and leave to its library.
#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {

template FMT_API auto dragonbox::to_decimal(float x) noexcept -> dragonbox::decimal_fp<float>;
template FMT_API auto dragonbox::to_decimal(double x) noexcept -> dragonbox::decimal_fp<double>;

#if FMT_VERSION < 120000
template FMT_API locale_ref::locale_ref(const std::locale& loc);
template FMT_API auto locale_ref::get<std::locale>() const -> std::locale;
#endif
template FMT_API auto thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template FMT_API auto decimal_point_impl(locale_ref) -> char;

#if FMT_VERSION < 90000
template auto snprintf_float(double, int, float_specs, buffer<char>&) -> int;
template auto snprintf_float(long double, int, float_specs, buffer<char>&) -> int;
template auto format_float(double, int, float_specs, buffer<char>&) -> int;
template auto format_float(long double, int, float_specs, buffer<char>&) -> int;
#endif
#if FMT_VERSION >= 100000 && FMT_VERSION < 110000
template FMT_API void vformat_to(buffer<char>&, string_view, typename vformat_args<>::type, locale_ref);
#endif
#if FMT_VERSION >= 110000
template FMT_API void buffer<char>::append(const char*, const char*);
#endif

}  // namespace detail
FMT_END_NAMESPACE
