// What can be taken along: files that the server makes, figures and images; buttons for them, each with what came of it.

import { plotsOf, sheet } from './figures.js';
import { h, say } from './dom.js';
import { png } from './snapshot.js';

/** Hand a file to the person. */
export function save(data, name, type) {
  const link = h('a', { href: URL.createObjectURL(data instanceof Blob ? data : new Blob([data], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 30_000);
}

let answer = null;
window.inspector.exported = (value) => value?.told && answer?.(JSON.parse(value.told));

/** What the server makes of the finished comparison: { name, text } or { error }. */
export function ask(asked) {
  const moment = performance.now();
  return new Promise((resolve) => {
    answer = (told) => told.moment === moment && resolve(told);
    window.inspector.exportAsked = () => ({ ...asked, moment, language: window.INSPECTOR_LANGUAGE });
    document.querySelector('#export-go')?.click();
    setTimeout(() => resolve({ error: say('export.failed') }), 60_000);
  });
}

const TYPES = { html: 'text/html', json: 'application/json', markdown: 'text/markdown', talk: 'text/html' };

/** Do it, and say what came of it in one sentence. */
export const doing = (said, work, wrong = 'export.no_image') => async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  said.textContent = '…';
  try {
    said.textContent = await work();
  } catch {
    said.textContent = say(wrong);
  }
  button.disabled = false;
};

export const file = (kind, more = () => ({})) => async () => {
  const told = await ask({ kind, ...more() });
  if (told.error) return told.error;
  save(told.text, told.name, `${TYPES[kind]};charset=utf-8`);
  return say('export.saved', { name: told.name });
};

export const savePng = (draw, name, scale) => async () => {
  save(await png(await draw(), scale), name, 'image/png');
  return say('export.saved', { name });
};

const saveSvg = (draw, name) => async () => {
  save((await draw()).svg, name, 'image/svg+xml;charset=utf-8');
  return say('export.saved', { name });
};

/** Put something on the clipboard; where there is none, it becomes a file. */
export const copy = (type, make, name) => async () => {
  let made = null;
  const data = Promise.resolve(make()).then((found) => (made = found));
  try {
    await navigator.clipboard.write([new ClipboardItem({ [type]: data })]);
    return say('export.copied');
  } catch {
    await data; // what cannot be made is no matter of the clipboard
    save(made, name, type);
    return say('export.no_clipboard', { name });
  }
};

export const button = (label, act, name) => h('button', { type: 'button', onclick: act, 'aria-label': name ? `${name}: ${label}` : label }, label);

/** SVG and PNG of the figures of a section, or of those that `only` lets through. */
export function figureButtons(section, name, said, label = null, only = () => true) {
  const draw = () => sheet(section, plotsOf(section).filter(only));
  return [button('SVG', doing(said, saveSvg(draw, `${name}.svg`)), label), button('PNG', doing(said, savePng(draw, `${name}.png`, 3)), label)];
}
