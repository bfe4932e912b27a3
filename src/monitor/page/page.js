// SPDX-License-Identifier: MIT
// The live view: asks for the state every second and draws it. What comes from clients and disks becomes text
// (textContent), never markup.
'use strict';

const pause = 1000;  // milliseconds between an answer and the next question

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function duration(us) {
  if (us < 1e3) return `${us} µs`;
  if (us < 1e6) return `${(us / 1e3).toFixed(1)} ms`;
  if (us < 6e7) return `${(us / 1e6).toFixed(1)} s`;
  const minutes = Math.floor(us / 6e7);
  if (minutes < 60) return `${minutes} min ${Math.floor(us % 6e7 / 1e6)} s`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor(minutes % 1440 / 60)} h`;
}

const who = (one) => one.name ? `${one.name} (pid ${one.pid})` : `pid ${one.pid}`;
const title = (device) => device ? device.name || device.number : '–';

function fill(table, head, rows, nothing) {
  const made = [];
  if (rows.length === 0) {
    const row = element('tr');
    row.append(element('td', nothing, 'quiet'));
    made.push(row);
  } else {
    const row = element('tr');
    row.append(...head.map((text) => element('th', text)));
    made.push(row);
  }
  for (const { cells, className } of rows) {
    const row = element('tr', undefined, className);
    row.append(...cells.map((text) => element('td', text)));
    made.push(row);
  }
  table.replaceChildren(...made);
}

function pathsOf(device) {
  const down = device.paths.filter((path) => path.state !== 'running');
  const up = `${device.paths.length - down.length} of ${device.paths.length} paths up`;
  return up + down.map((path) => `, ${path.name} ${path.state || 'gone'}`).join('');
}

function diskOf(device, answer, state) {
  const disk = element('article', undefined, 'disk');
  disk.append(element('h3', title(device)));
  disk.append(element('p', [device.kind, ...device.wwids].join(' · '), 'quiet'));
  if (device.paths.length > 0)
    disk.append(element('p', pathsOf(device), device.paths.some((path) => path.state !== 'running') ? 'bad' : ''));
  if (answer.held_by) disk.append(element('p', `Held by: ${answer.held_by}`));
  if (answer.problem)
    disk.append(element('p', `Keys and holder ${answer.held_by ? 'are of before' : 'are unknown'}: ${answer.problem}`,
      'quiet'));
  if (answer.registrations) {
    const table = element('table');
    fill(table, ['Key', 'Holds', 'Initiator port', 'Target port'],
      answer.registrations.map((one) => ({
        cells: [one.key, one.holder ? 'yes' : '', one.initiator || '–', one.target_port || '–'],
        className: one.holder ? 'holds' : '',
      })), 'No keys are registered.');
    disk.append(table);
  }
  if (device.registrants.length > 0)
    disk.append(element('p', `Registered through this helper: ${device.registrants.map(who).join(', ')}`));
  for (const one of state.connections.filter((c) => c.state === 'executing' && c.device === device.id))
    disk.append(element('p', `In flight for ${duration(one.age_us)}: ${one.action} of ${who(one)}`,
      one.age_us > 1e7 ? 'bad' : ''));
  if (device.last) {
    const last = device.last;
    disk.append(element('p', `Last: ${last.action} of ${who(last)}: ${last.status} in ${duration(last.device_us)}`,
      'quiet'));
  }
  return disk;
}

function clientsOf(connections) {
  const clients = new Map();
  for (const one of connections) {
    const client = clients.get(one.pid) || { ...one, connections: 0, busy: 0 };
    client.connections += 1;
    client.busy += one.state === 'executing' || one.state === 'waiting' ? 1 : 0;
    clients.set(one.pid, client);
  }
  return [...clients.values()];
}

function draw(state) {
  const helper = state.helper;
  document.getElementById('helper').textContent = `${helper.program} ${helper.version}, pid ${helper.pid}, up ` +
    `${duration(helper.uptime_us)}${helper.draining ? ', ENDING (it drains)' : ''}, ` +
    `${state.counters.requests} requests in ${state.counters.connections} connections, ` +
    `${state.connections.length} open`;

  const alarming = document.getElementById('alarming');
  alarming.hidden = state.alarming.length === 0;
  alarming.querySelector('ul').replaceChildren(
    ...state.alarming.map((one) => element('li', `${one.count} × ${one.meaning}`)));

  const disks = state.devices.map((device) => diskOf(device, state.disks[device.id] || {}, state));
  document.getElementById('disks').replaceChildren(
    ...disks.length > 0 ? disks : [element('p', 'No request has been made for a disk yet.', 'quiet')]);

  const byId = new Map(state.devices.map((device) => [device.id, device]));
  const busy = state.connections.filter((one) => one.state !== 'idle').sort((a, b) => b.age_us - a.age_us);
  fill(document.getElementById('busy'), ['For', 'State', 'Disk', 'Action', 'Client'], busy.map((one) => ({
    cells: [duration(one.age_us || 0), one.state, title(byId.get(one.device)), one.action || '–', who(one)],
  })), 'Nothing.');
  fill(document.getElementById('clients'), ['Client', 'Pid', 'Uid', 'Connections', 'In flight'],
    clientsOf(state.connections).map((one) => ({
      cells: [one.name || '–', one.pid, one.uid, one.connections, one.busy],
    })), 'None is connected.');
}

function complain(words) {
  const trouble = document.getElementById('trouble');
  trouble.textContent = words || '';
  trouble.hidden = !words;
}

async function ask() {
  try {
    const answer = await fetch('state', { cache: 'no-store' });
    const state = await answer.json();
    if (!answer.ok) throw new Error(state.error);
    draw(state);
    complain();
  } catch (error) {
    complain(`What is shown is of before: ${error.message}`);
  }
  setTimeout(ask, pause);
}

ask();
