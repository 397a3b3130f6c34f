// Keys of the Annotate page: from keys.json, printed on the buttons, off while somebody types.

import { h, say } from './dom.js';

let table = {};

/** Load keys.json once: action → its keys, as KeyboardEvent.key names them. */
export async function loadKeys() {
  table = await fetch(new URL('keys.json', import.meta.url)).then((r) => r.json());
}

const NAMES = { Enter: '⏎', ArrowRight: '→', ArrowLeft: '←', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', ' ': '␣' };
const printed = (key) => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);

/** The first key of an action, as it stands on a button. */
export const keyOf = (action) => (table[action]?.[0] ? printed(table[action][0]) : '');

/** A button that says its key; once clicked with a pointer it lets the focus go, so that Enter submits. */
export function keyed(action, label, onclick, props = {}) {
  const key = keyOf(action);
  const click = (event) => {
    if (event.detail) event.currentTarget.blur();
    onclick();
  };
  return h('button.keyed', { type: 'button', data: { action }, onclick: click, ...props }, label, key ? h('kbd', { 'aria-hidden': 'true' }, key) : null);
}

const typing = (node) => node.closest?.('input, textarea, select, [contenteditable="true"], [role=combobox], [role=listbox]');

/** The action that a key asks for; null where it is typed into a field, belongs to a button, or has no action. */
export function actionOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || typing(event.target)) return null;
  if (event.key === 'Enter' && event.target.closest?.('button, a, summary')) return null;
  const plain = /^(Key|Digit)(.)$/.exec(event.code ?? '')?.[2].toLowerCase();
  const key = event.key.length === 1 && event.key > '~' && plain ? plain : event.key; // a Korean layout: the key's place counts
  const same = (one) => one === key || (one.length === 1 && key.length === 1 && !event.shiftKey && one.toLowerCase() === key.toLowerCase());
  return Object.keys(table).find((action) => table[action].some(same)) ?? null;
}

const GROUPS = [
  ['annotate.keys.items', ['next', 'previous', 'submit', 'skip', 'discard', 'undo', 'comment', 'guideline', 'help']],
  ['annotate.keys.marks', ['next_mark', 'previous_mark', 'accept', 'reject', 'relation', 'severity']],
  ['annotate.keys.kinds', ['entity', 'identifier', 'number', 'role', 'negation', 'modifier', 'coreference', 'predicate', 'relation', 'topic'].map((k) => `kind.${k}`)],
  ['annotate.keys.verdicts', ['faithful', 'acceptable_paraphrase', 'drift', 'overwriting', 'unsure'].map((v) => `verdict.${v}`)],
];
const nameOf = (action) => say(action.startsWith('kind.') ? action : action.startsWith('verdict.') ? `annotate.${action}` : `annotate.do.${action}`);

/** All keys, in a window that Escape closes. */
export function helpDialog(root) {
  const rows = (actions) => actions.map((action) => h('div', {}, h('dt', {}, (table[action] ?? []).map((key) => h('kbd', {}, printed(key)))), h('dd', {}, nameOf(action))));
  const dialog = h(
    'dialog.annotate-help',
    { 'aria-label': say('annotate.do.help') },
    h('h2', {}, say('annotate.do.help')),
    h('div.groups', {}, GROUPS.map(([title, actions]) => h('section', {}, h('h3', {}, say(title)), h('dl', {}, rows(actions))))),
    h('p.hint', {}, say('annotate.keys.words')),
    h('button', { type: 'button', onclick: () => dialog.close() }, say('annotate.close')),
  );
  dialog.addEventListener('close', () => dialog.remove());
  root.append(dialog);
  dialog.showModal();
}
