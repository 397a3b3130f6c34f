// The Export menu of the compare page.

import { plotsOf } from './figures.js';
import { h, loadWords, say } from './dom.js';
import { png, snapshot } from './snapshot.js';
import { ask, button, copy, doing, figureButtons, file, savePng } from './take.js';

const view = () => document.querySelector('#compare-view .cv');
const shown = () => window.inspector.shown;

/** Which result: that of the run shown, or the stored one of a case, where its live run failed. */
function whose() {
  const { run, stored } = shown();
  return { run: stored?.state === 'stored' ? null : run, case: stored?.case ?? null };
}

const copyText = async () => {
  const told = await ask({ kind: 'markdown', ...whose() });
  if (told.error) return told.error;
  return copy('text/plain', () => new Blob([told.text], { type: 'text/plain' }), told.name)();
};

function texts() {
  const root = view();
  const columns = root.querySelectorAll('.texts > .column').length;
  return snapshot([root.querySelector('.verdicts'), root.querySelector('.legend'), root.querySelector('.texts')].filter(Boolean), Math.max(900, 330 * columns));
}

const heat = () => snapshot([view().querySelector('section.heat')], 1200);

function row(label, buttons) {
  return h('div.row', {}, h('span', {}, label), h('span.buttons', {}, buttons));
}

function rows(said) {
  const root = view();
  const act = (work) => doing(said, work);
  const label = { all: say('export.comparison'), texts: say('export.texts'), heat: say('view.heat'), spectrum: say('measure.spectrum.name'), sweep: say('measure.sweep.name') };
  const image = (draw, name, of) => [button('PNG', act(savePng(draw, `${name}.png`, 2)), of), button(say('export.copy'), act(copy('image/png', async () => png(await draw(), 2), `${name}.png`)), of)];
  const outside = (plot) => !plot.closest('.sweep');
  const spectrum = root.querySelector('section.spectrum');
  const sweep = root.querySelector('.sweep');
  return [
    row(label.all, [button('HTML', act(file('html', whose)), label.all), button('JSON', act(file('json', whose)), label.all), button('Markdown', act(file('markdown', whose)), label.all), button(say('export.copy_table'), act(copyText), label.all)]),
    root.querySelector('.texts') ? row(label.texts, image(texts, 'texts', label.texts)) : null,
    root.querySelector('section.heat .block') ? row(label.heat, image(heat, 'heatmap', label.heat)) : null,
    plotsOf(spectrum).some(outside) ? row(label.spectrum, figureButtons(spectrum, 'spectrum', said, label.spectrum, outside)) : null,
    plotsOf(sweep).length ? row(label.sweep, figureButtons(sweep, 'sweep', said, label.sweep)) : null,
  ];
}

/** Mount the menu into `element`; it is there while the page shows a result. */
export async function mount(element) {
  await loadWords(null);
  const said = h('p.said', { role: 'status' });
  const list = h('div.list');
  const menu = h('details.export', { hidden: true }, h('summary', { title: say('export.hint') }, say('export.button')), h('div.panel', {}, list, said));
  (element.querySelector('.export-root') ?? element).replaceChildren(menu);
  let run = null;
  const draw = () => {
    said.textContent = '';
    list.replaceChildren(...(shown().status === 'running' ? [h('p', {}, say('export.running'))] : rows(said)).filter(Boolean));
  };
  menu.addEventListener('toggle', () => menu.open && draw());
  document.addEventListener('inspector:shown', () => {
    menu.hidden = !shown()?.columns?.length;
    const now = `${shown()?.run} ${shown()?.status}`;
    if (now !== run && menu.open) setTimeout(() => menu.open && draw(), 50); // after the view, which hears of it too
    run = now;
  });
  document.addEventListener('pointerdown', (event) => !menu.contains(event.target) && (menu.open = false));
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector('summary').focus();
  });
}
