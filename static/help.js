// The "?" beside a measure: a button that opens two sentences and a formula.

import { h, has, say } from './dom.js';

let open = null;

function close() {
  open?.panel.remove();
  open?.button.setAttribute('aria-expanded', 'false');
  open = null;
}

document.addEventListener('keydown', (e) => {
  if (e.key === 'Escape' && open) {
    open.button.focus();
    close();
  }
});
document.addEventListener('click', (e) => {
  if (open && !open.panel.contains(e.target) && e.target !== open.button) close();
});

/** Help button for measure `name`, or null where words.json says nothing of it; `note` says why its value is missing, or more of it. */
export function help(name, note = null) {
  if (!has(`measure.${name}.what`)) return null;
  const button = h('button.help', { type: 'button', 'aria-expanded': 'false', 'aria-label': say('view.help', { name: say(`measure.${name}.name`) }) }, '?');
  button.addEventListener('click', (event) => {
    event.stopPropagation();
    const mine = open?.button === button;
    close();
    if (mine) return;
    const formula = `measure.${name}.formula`;
    const panel = h(
      'div.help-panel',
      { role: 'dialog', 'aria-label': say(`measure.${name}.name`) },
      h('strong', {}, say(`measure.${name}.name`)),
      h('p', {}, say(`measure.${name}.what`)),
      has(formula) ? h('code', {}, say(formula)) : null,
      note ? h('p.note', {}, note) : null,
    );
    const root = button.closest('.cv');
    root.append(panel);
    const at = button.getBoundingClientRect();
    const frame = root.getBoundingClientRect();
    panel.style.left = `${Math.max(0, Math.min(at.left - frame.left, frame.width - panel.offsetWidth))}px`;
    panel.style.top = `${at.bottom - frame.top + 6}px`;
    button.setAttribute('aria-expanded', 'true');
    open = { panel, button };
  });
  return button;
}
