// The Export menu of the compare page, and of the page of two texts.

import { plotsOf } from './figures.js';
import { h, loadWords, say } from './dom.js';
import { png, snapshot } from './snapshot.js';
import { ask, button, copy, doing, figureButtons, file, savePng } from './take.js';
import { talkButtons } from './talk-file.js';

function texts(root) {
  const columns = root.querySelectorAll('.texts > .column').length;
  return snapshot([root.querySelector('.verdicts'), root.querySelector('.legend'), root.querySelector('.texts')].filter(Boolean), Math.max(900, 330 * columns));
}

const heat = (root) => snapshot([root.querySelector('section.heat')], 1200);

function row(label, buttons) {
  return h('div.row', {}, h('span', {}, label), h('span.buttons', {}, buttons));
}

/** What can be taken of a view; `whose` says which result it shows. */
function rows(said, root, whose) {
  const copyText = async () => {
    const told = await ask({ kind: 'markdown', ...whose() });
    if (told.error) return told.error;
    return copy('text/plain', () => new Blob([told.text], { type: 'text/plain' }), told.name)();
  };
  const act = (work) => doing(said, work);
  const label = { all: say('export.comparison'), texts: say('export.texts'), heat: say('view.heat'), spectrum: say('measure.spectrum.name'), sweep: say('measure.sweep.name') };
  const image = (draw, name, of) => [button('PNG', act(savePng(() => draw(root), `${name}.png`, 2)), of), button(say('export.copy'), act(copy('image/png', async () => png(await draw(root), 2), `${name}.png`)), of)];
  const outside = (plot) => !plot.closest('.sweep');
  const spectrum = root.querySelector('section.spectrum');
  const sweep = root.querySelector('.sweep');
  return [
    row(label.all, [button('HTML', act(file('html', whose)), label.all), button('JSON', act(file('json', whose)), label.all), button('Markdown', act(file('markdown', whose)), label.all), button(say('export.copy_table'), act(copyText), label.all)]),
    root.querySelector('.texts') ? row(label.texts, image(texts, 'texts', label.texts)) : null,
    root.querySelector('section.heat .block') ? row(label.heat, image(heat, 'heatmap', label.heat)) : null,
    plotsOf(spectrum).some(outside) ? row(label.spectrum, figureButtons(spectrum, 'spectrum', said, label.spectrum, outside)) : null,
    plotsOf(sweep).length ? row(label.sweep, figureButtons(sweep, 'sweep', said, label.sweep)) : null,
    row(say('export.talk'), talkButtons(said)),
  ];
}

/** Mount the menu of the view `name` into `element`; it is there while the page shows a result. */
export async function mount(element, name = 'compare') {
  await loadWords(null);
  const shown = () => window.inspector.shownIn[name];
  /** Which result: that of the run shown, or the stored one of a case, where its live run failed. */
  const whose = () => {
    const { run, stored, pair } = shown();
    return { run: stored?.state === 'stored' ? null : run, case: stored?.case ?? null, pair: Boolean(pair) };
  };
  const said = h('p.said', { role: 'status' });
  const list = h('div.list');
  const menu = h('details.export', { hidden: true }, h('summary', { title: say('export.hint') }, say('export.button')), h('div.panel', {}, list, said));
  (element.querySelector('.root') ?? element).replaceChildren(menu);
  let run = null;
  const draw = () => {
    said.textContent = '';
    list.replaceChildren(...(shown().status === 'running' ? [h('p', {}, say('export.running'))] : rows(said, document.querySelector(`#${name}-view .cv`), whose)).filter(Boolean));
  };
  menu.addEventListener('toggle', () => menu.open && draw());
  document.addEventListener(name === 'compare' ? 'inspector:shown' : `inspector:shown-${name}`, () => {
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
