// SPDX-License-Identifier: MIT
// Draws the records that stand in the page. Everything in them is somebody else's text: it becomes text, never markup.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const TYPES = {1: 'Write Exclusive', 3: 'Exclusive Access', 5: 'Write Exclusive, registrants only',
               6: 'Exclusive Access, registrants only', 7: 'Write Exclusive, all registrants', 8: 'Exclusive Access, all registrants'};
const LABELS = {preempt: 'preemption', clear: 'clear', conflict: 'conflict', failed: 'failed otherwise'};
const PAGE = 300;  // rows of the table at a time
const byId = (id) => document.getElementById(id);

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function shape(name, attributes, title) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (title !== undefined) {
    const text = document.createElementNS('http://www.w3.org/2000/svg', 'title');
    text.textContent = title;
    made.append(text);
  }
  return made;
}

const text = (attributes, words) => { const made = shape('text', attributes); made.textContent = words; return made; };
const lastPart = (path) => path.slice(path.lastIndexOf('/') + 1);
const clip = (words, length) => words.length <= length ? words : words.slice(0, length - 1) + '…';
const time = (us) => new Date(us / 1000).toISOString().replace('T', ' ').slice(0, 19) + '.' + String(Math.floor(us % 1e6)).padStart(6, '0');
const duration = (us) => us < 1e3 ? `${us} µs` : us < 1e6 ? `${(us / 1e3).toFixed(1)} ms` : us < 6e7 ? `${(us / 1e6).toFixed(1)} s` :
  us < 36e8 ? `${(us / 6e7).toFixed(1)} min` : `${(us / 36e8).toFixed(1)} h`;

function kindOf(event) {
  if (event.dropped !== undefined) return 'gap';
  if (event.status === 'RESERVATION CONFLICT') return 'conflict';
  if (event.status !== 'GOOD') return 'failed';
  if (event.action.startsWith('PREEMPT')) return 'preempt';
  return event.action === 'CLEAR' ? 'clear' : 'plain';
}

function describe(event) {
  const keys = event.key === undefined ? '' : `, key ${event.key}, action key ${event.action_key}`;
  return `${time(event.time)}  ${event.who}: ${event.action}${event.type ? ', ' + (TYPES[event.type] || event.type) : ''}${keys}: ` +
    `${event.status}${event.sense ? ' (' + event.sense + ')' : ''}`;
}

const events = data.events.map((event, index) => ({...event, index, kind: kindOf(event)}));
for (const [number, disk] of data.disks.entries())
  for (const [index, row] of disk.events) Object.assign(events[index], {disk: number, row, who: disk.rows[row].who});
const timed = events.filter((event) => event.time > 0);
const first = timed.length ? timed[0].time : 0;
const last = Math.max(timed.length ? timed[timed.length - 1].time : 0, first + 1000);
const margin = Math.max(1000, (last - first) * 0.02);
const whole = {from: first - margin, to: last + margin};

const filters = {disk: '', who: '', action: '', outcome: '', text: '', from: '', to: ''};
let rowsShown = PAGE;

function view() {
  const from = Number(filters.from), to = Number(filters.to);
  return from > 0 && to > from ? {from, to} : whole;
}

function wanted(event) {
  const {from, to} = view();
  if (event.time < from || event.time > to) return false;
  if (event.kind === 'gap') return filters.disk === '' && filters.who === '' && filters.action === '' && filters.text === '';
  if (filters.disk !== '' && data.disks[event.disk].name !== filters.disk) return false;
  if (filters.who !== '' && event.who !== filters.who) return false;
  if (filters.action !== '' && event.action !== filters.action) return false;
  if (filters.outcome === 'good' && event.status !== 'GOOD') return false;
  if (filters.outcome === 'notable' && event.kind === 'plain') return false;
  if ((filters.outcome === 'conflict' || filters.outcome === 'failed') && event.kind !== filters.outcome) return false;
  return filters.text === '' || (describe(event) + ' ' + event.host + ' ' + event.device).toLowerCase().includes(filters.text.toLowerCase());
}

const SYMBOLS = {
  preempt: (x, y) => `M${x} ${y - 7}L${x + 7} ${y + 6}L${x - 7} ${y + 6}Z`,
  clear: (x, y) => `M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z`,
  conflict: (x, y) => `M${x - 6} ${y - 3}l3 -3 3 3 3 -3 3 3 -3 3 3 3 -3 3 -3 -3 -3 3 -3 -3 3 -3Z`,
  failed: (x, y) => `M${x - 5} ${y - 5}h10v10h-10Z`,
};

function ticks(from, to, count) {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 3e7, 6e7, 12e7, 3e8,
                 6e8, 18e8, 36e8, 72e8, 216e8, 432e8, 864e8, 2 * 864e8, 7 * 864e8, 30 * 864e8];
  const step = steps.find((each) => (to - from) / each <= count) || 365 * 864e8;
  const list = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) list.push(at);
  const words = (at) => step < 1e3 ? time(at).slice(11) : step < 1e6 ? time(at).slice(11, 23) : step < 6e7 ? time(at).slice(11, 19) :
    step < 864e8 ? time(at).slice(5, 16) : time(at).slice(0, 10);
  return list.map((at) => [at, words(at)]);
}

/// Marks of one kind that fall on one another become one with a number.
function marks(disk, x) {
  const places = new Map();
  for (const [index, row] of disk.events) {
    const event = events[index];
    if (!SYMBOLS[event.kind] || !wanted(event)) continue;
    const place = `${row} ${event.kind} ${Math.round(x(event.time) / 10)}`;
    const there = places.get(place);
    if (there) there.events.push(event);
    else places.set(place, {row, kind: event.kind, x: x(event.time), events: [event]});
  }
  return places.values();
}

function timeline(disk) {
  const width = Math.max(320, byId('disks').clientWidth - 34), gutter = Math.min(190, width * 0.28), rowHeight = 30, top = 6;
  const height = top + disk.rows.length * rowHeight + 22;
  const {from, to} = view();
  const x = (us) => gutter + (Math.min(Math.max(us, from), to) - from) / (to - from) * (width - gutter - 4);
  const svg = shape('svg', {viewBox: `0 0 ${width} ${height}`, height, role: 'img', 'aria-label': `Timeline of ${disk.name}`});
  for (const [at, words] of ticks(from, to, Math.max(2, Math.floor((width - gutter) / 110)))) {
    svg.append(shape('line', {class: 'grid', x1: x(at), x2: x(at), y1: top, y2: height - 18}));
    svg.append(text({class: 'tick', x: x(at), y: height - 5, 'text-anchor': x(at) > width - 60 ? 'end' : 'middle'}, words));
  }
  disk.rows.forEach((row, index) => {
    const y = top + index * rowHeight + rowHeight / 2;
    const label = text({x: 0, y: y + 4}, clip(row.who, Math.floor(gutter / 7.2)));
    label.append(shape('title', {}));
    label.lastChild.textContent = `${row.who}, host ${row.host}, I_T nexus ${row.nexus}`;
    svg.append(label, shape('line', {class: 'grid', x1: gutter, x2: width, y1: y, y2: y}));
  });
  const span = (each, kind, thickness, what) => {
    const until = each.until ?? whole.to;
    if (until < from || each.from > to) return;
    const y = top + each.row * rowHeight + rowHeight / 2;
    const words = `${what}\n${each.inferred ? 'inferred, ' : ''}from ${time(each.from)}\n` +
      (each.until ? `until ${time(each.until)}: ${each.end}` : 'to the end of the records');
    svg.append(shape('rect', {class: `${kind}${each.inferred ? ' inferred' : ''}`, x: x(each.from), y: y - thickness / 2, rx: 2,
                              width: Math.max(2, x(until) - x(each.from)), height: thickness}, words));
  };
  for (const each of disk.registrations) span(each, 'registered', 20, `${disk.rows[each.row].who} is registered with key ${each.key}`);
  for (const each of disk.holdings)
    span(each, 'held', 8, `${disk.rows[each.row].who} holds the reservation: ${TYPES[each.type] || 'type ' + each.type}, key ${each.key}`);
  for (const mark of marks(disk, x)) {
    const y = top + mark.row * rowHeight + rowHeight / 2;
    const words = mark.events.slice(0, 8).map(describe).join('\n') + (mark.events.length > 8 ? `\n… ${mark.events.length} in all` : '');
    const made = shape('path', {class: `mark ${mark.kind}`, d: SYMBOLS[mark.kind](mark.x, y)}, words);
    made.addEventListener('click', () => showRecord(mark.events[0]));
    svg.append(made);
    if (mark.events.length > 1) svg.append(text({class: 'count', x: mark.x, y: y + 5}, String(mark.events.length)));
  }
  brush(svg, gutter, width, from, to);
  return svg;
}

/// Dragging over a timeline shows that time alone.
function brush(svg, gutter, width, from, to) {
  let start = null, box = null;
  const at = (event) => Math.max(gutter, (event.clientX - svg.getBoundingClientRect().left) * width / svg.getBoundingClientRect().width);
  const us = (x) => from + (x - gutter) / (width - gutter - 4) * (to - from);
  svg.addEventListener('pointerdown', (event) => { start = at(event); });
  svg.addEventListener('pointermove', (event) => {
    if (start === null || event.buttons === 0) return;
    box?.remove();
    box = shape('rect', {class: 'brush', x: Math.min(start, at(event)), y: 0, width: Math.abs(at(event) - start), height: '100%'});
    svg.append(box);
  });
  svg.addEventListener('pointerup', (event) => {
    const ends = start === null ? [] : [start, at(event)].sort((a, b) => a - b);
    start = null;
    box?.remove();
    if (ends.length && ends[1] - ends[0] > 5) choose({from: String(Math.floor(us(ends[0]))), to: String(Math.ceil(us(ends[1])))});
  });
}

function legend() {
  const entry = (draw, words) => {
    const svg = shape('svg', {viewBox: '0 0 16 16'});
    svg.append(draw);
    return element('span', {}, svg, words);
  };
  return [
    entry(shape('rect', {class: 'registered', x: 0, y: 2, width: 16, height: 12}), 'registered'),
    entry(shape('rect', {class: 'held', x: 0, y: 5, width: 16, height: 6}), 'holds the reservation'),
    ...Object.entries(LABELS).map(([kind, words]) => entry(shape('path', {class: kind, d: SYMBOLS[kind](8, 8)}), words))];
}

/// The names by which the hosts know it.
const labelOf = (disk) => [...new Set(disk.events.map(([index]) => lastPart(events[index].device) || disk.name))].join(', ');

function drawDisks() {
  const shown = data.disks.filter((disk) =>
    (filters.disk === '' || disk.name === filters.disk) && disk.events.some(([index]) => wanted(events[index])));
  byId('disks').replaceChildren(...shown.map((disk) => element('article', {className: 'disk'},
    element('h3', {textContent: labelOf(disk)}),
    element('p', {className: 'quiet', textContent: clip([disk.name, ...disk.nodes].join(' · '), 400)}), timeline(disk))));
}

function drawRecords() {
  const list = events.filter(wanted);
  byId('shown').textContent = `${list.length} of ${events.length} records`;
  const cell = (words, className = '') => element('td', {textContent: words ?? '', className});
  byId('records').tBodies[0].replaceChildren(...list.slice(0, rowsShown).map((event) => {
    if (event.kind === 'gap')
      return element('tr', {className: 'gap'}, element('td', {textContent: event.time ? time(event.time) : ''}), cell(event.host),
        element('td', {colSpan: 7, textContent: `${event.dropped} records are missing here: the helper could not write them`}));
    const row = element('tr', {className: event.kind, id: `record-${event.index}`}, cell(time(event.time), 'when'), cell(event.host),
      cell(event.who), cell(lastPart(event.device)), cell(event.action + (event.type ? `, type ${event.type}` : '') + (event.aptpl ? ', APTPL' : ''), 'what'),
      cell(event.key, 'key'), cell(event.action_key, 'key'), cell(event.status + (event.sense ? ': ' + event.sense : ''), 'outcome'),
      cell(duration(event.us), 'right'));
    row.title = `pid ${event.pid}${event.type ? ', ' + (TYPES[event.type] || '') : ''}`;
    return row;
  }));
  byId('more').hidden = list.length <= rowsShown;
}

function showRecord(event) {
  while (!byId(`record-${event.index}`) && rowsShown < events.length) { rowsShown += PAGE; drawRecords(); }
  byId(`record-${event.index}`)?.scrollIntoView({block: 'center'});
}

function draw() {
  const {from, to} = view();
  byId('window').textContent = view() === whole ? 'Drag over a timeline to look closer.' : `Shown: ${time(from)} to ${time(to)}`;
  drawDisks();
  drawRecords();
}

/// What is chosen stands in the address, so that it can be sent to somebody.
function choose(changes) {
  Object.assign(filters, changes);
  rowsShown = PAGE;
  const words = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== '')).toString();
  history.replaceState(null, '', words ? '#' + words : location.pathname + location.search);
  for (const id of ['disk', 'who', 'action', 'outcome', 'text']) byId(id).value = filters[id];
  draw();
}

function start() {
  byId('legend').replaceChildren(...legend());
  byId('title').textContent = document.title;
  byId('period').textContent = timed.length ? `${time(first)} to ${time(timed[timed.length - 1].time)} UTC, ${data.hosts.length} ` +
    `${data.hosts.length === 1 ? 'file' : 'files'}: ${data.hosts.join(', ')}` : '';
  const count = (kind) => events.filter((event) => event.kind === kind).length;
  const tile = (number, words, className = '') => element('li', {className}, element('b', {textContent: number}), words);
  byId('summary').replaceChildren(tile(data.disks.length, data.disks.length === 1 ? 'disk' : 'disks'), tile(events.length, 'records'),
    tile(count('preempt'), 'preemptions', 'preempt'), tile(count('clear'), 'clears', 'clear'),
    tile(count('conflict'), 'conflicts', 'conflict'), tile(count('failed'), 'failed otherwise', 'failed'));
  const gaps = [];
  if (data.dropped) gaps.push(`${data.dropped} records are missing: a helper could not write them.`);
  if (data.unreadable) gaps.push(`${data.unreadable} lines could not be read and are left out.`);
  byId('gaps').textContent = gaps.join(' ');
  byId('gaps').hidden = gaps.length === 0;
  byId('made').textContent = `Made by prhelperctl ${data.version}.`;
  const options = (id, values) => byId(id).replaceChildren(element('option', {value: '', textContent: 'all'}),
    ...[...new Set(values)].sort().map((value) => element('option', {value, textContent: clip(value, 60)})));
  options('disk', data.disks.map((disk) => disk.name));
  options('who', data.disks.flatMap((disk) => disk.rows.map((row) => row.who)));
  options('action', events.filter((event) => event.action).map((event) => event.action));
  for (const id of ['disk', 'who', 'action', 'outcome', 'text'])
    byId(id).addEventListener('input', () => choose({[id]: byId(id).value}));
  byId('all').addEventListener('click', () => choose({disk: '', who: '', action: '', outcome: '', text: '', from: '', to: ''}));
  byId('more').addEventListener('click', () => { rowsShown += PAGE; drawRecords(); });
  byId('filters').addEventListener('submit', (event) => event.preventDefault());
  addEventListener('resize', drawDisks);
  const asked = new URLSearchParams(location.hash.slice(1));
  choose(Object.fromEntries(Object.keys(filters).filter((key) => asked.has(key)).map((key) => [key, asked.get(key)])));
}

start();
