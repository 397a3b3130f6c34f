// How much of each memory to keep: everything, the strongest k directions, or as many as hold a share of the energy.

import { h, loadWords, number, say } from './dom.js';

const AFTER = 300; // ms without a movement of the slider before a run starts
const MODES = ['whole', 'directions', 'energy'];
const UNKNOWN = 32; // directions on the slider before a result says how many there are

/** Mount the control; `window.inspector.truncation` is what the next run is told, `keep` and `bound` are for the views. */
export async function mount(element) {
  await loadWords(null);
  let most = UNKNOWN;
  let known = false;
  const wanted = { directions: null, energy: 90 };
  let timer = null;

  const mode = h('select', { id: 'truncate-mode' }, MODES.map((m) => h('option', { value: m }, say(`page.truncate.${m}`))));
  const slider = h('input', { type: 'range', min: 1, step: 1, 'aria-label': say('page.truncate.how') });
  const shown = h('output');
  const line = h('div.truncate', { title: say('page.truncate.hint') }, h('label', { htmlFor: 'truncate-mode' }, say('page.truncate')), mode, slider, shown);
  (element.querySelector('.root') ?? element).replaceChildren(line);

  function draw() {
    const kind = mode.value;
    slider.hidden = shown.hidden = kind === 'whole';
    window.inspector.truncation = null;
    if (kind === 'whole') return;
    wanted.directions ??= Math.ceil(most / 2);
    slider.max = kind === 'energy' ? 100 : most;
    slider.value = wanted[kind]; // the browser keeps it within the bounds; what was wanted stays for a longer text
    const value = kind === 'energy' ? `${wanted.energy}%` : String(wanted.directions);
    window.inspector.truncation = value;
    shown.textContent = kind === 'energy' ? `${number(wanted.energy, 0)}%` : known ? `${number(Number(slider.value), 0)} / ${number(most, 0)}` : number(wanted.directions, 0);
    slider.setAttribute('aria-valuetext', shown.textContent);
  }

  function run(after) {
    clearTimeout(timer);
    timer = setTimeout(() => document.querySelector('#source textarea')?.value.trim() && window.inspector.go('truncate'), after);
  }

  mode.addEventListener('change', () => {
    draw();
    run(0);
  });
  slider.addEventListener('input', () => {
    wanted[mode.value] = Number(slider.value);
    draw();
    run(AFTER);
  });

  /** As many directions as the longest of the shown memories has. */
  window.inspector.bound = (directions) => {
    if (!directions || (known && directions === most)) return;
    most = directions;
    known = true;
    draw();
  };
  /** Keep k directions, or with null the whole memory, and run. */
  window.inspector.keep = (k) => {
    mode.value = k === null ? 'whole' : 'directions';
    if (k !== null) wanted.directions = k;
    draw();
    run(0);
  };
  /** What a link says: "8" directions or "90%" of the energy; no run is started. */
  window.inspector.setTruncation = (value) => {
    mode.value = value.endsWith('%') ? 'energy' : 'directions';
    wanted[mode.value] = Number(value.replace('%', ''));
    draw();
  };
  draw();
}
