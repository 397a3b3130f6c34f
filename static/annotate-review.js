// What comes after labelling: agreement with its intervals, disagreements to adjudicate, detectors against gold; a calibration's score.

import { h, integer, number, say } from './dom.js';
import { kindName } from './kinds.js';

/** A figure: value, 95 % interval, n. */
const figure = (estimate, n = true) =>
  !estimate || estimate.value === null
    ? h('span.none', {}, '–')
    : h('span.figure', {}, number(estimate.value, 2), estimate.low === null ? null : h('small', {}, ` ${number(estimate.low, 2)}–${number(estimate.high, 2)}`), n ? h('small', {}, ` n ${integer(estimate.n)}`) : null);

const table = (heads, rows) =>
  h('div.grid-scroll', {}, h('table', {}, h('thead', {}, h('tr', {}, heads.map((head) => h('th', { scope: 'col' }, head)))), h('tbody', {}, rows.map(([name, ...cells]) => h('tr', {}, h('th', { scope: 'row' }, name), cells.map((cell) => h('td', {}, cell)))))));

/** How near this annotator came to gold. */
export function calibrationPanel(score) {
  return h(
    'section.calibration',
    { role: 'status' },
    h('h3', {}, say('annotate.calibration.title')),
    h('p', {}, say('annotate.calibration.done', { done: integer(score.done), items: integer(score.items) })),
    table([say('annotate.figure'), say('annotate.value')], [
      [say('annotate.figure.verdict'), figure(score.verdict)],
      [say('annotate.figure.overlap'), figure(score.spans.overlap)],
      [say('annotate.figure.exact'), figure(score.spans.exact)],
    ]),
    h('ul', {}, score.each.map((one, index) => h('li', {}, say('annotate.calibration.item', { n: index + 1, verdict: say(`annotate.verdict.${one.verdict}`), gold: say(`annotate.verdict.${one.gold}`), matched: one.matched, marks: one.gold_marks })))),
  );
}

export function createReview(page, queue) {
  const node = h('div.review');
  let told = null;

  async function load() {
    told = await page.try(() => page.ask('review', { queue }));
    draw();
  }

  function disagreements() {
    const rows = told.disagreements.map((row) =>
      h(
        'li',
        { data: { item: row.item } },
        h('button', { type: 'button', onclick: () => page.judge(queue, row.item), data: { do: 'judge' } }, say(row.gold ? 'annotate.judge.again' : 'annotate.judge')),
        h('span', {}, row.gold ? h('strong', {}, `${say('annotate.gold')} · `) : null, Object.entries(row.verdicts).map(([name, verdict]) => `${name}: ${say(`annotate.verdict.${verdict}`)}`).join(', ')),
        h('span.hint', {}, say('annotate.differences', { n: row.differences })),
        h('span.start', { dir: 'auto' }, row.start),
      ),
    );
    return h('section', {}, h('h2', {}, say('annotate.disagreements')), rows.length ? h('ol.disagreements', {}, rows) : h('p.hint', {}, say('annotate.disagreements.none')));
  }

  function agreement() {
    const a = told.agreement;
    const people = Object.entries(a.annotators).map(([name, n]) => `${name} ${integer(n)}`).join(', ');
    const verdict = [[say('annotate.verdict'), figure(a.verdict.percent), figure(a.verdict.kappa), figure(a.verdict.alpha), '', '']];
    const spans = [[say('annotate.marks'), '', '', '', figure(a.spans.exact), figure(a.spans.overlap)]];
    const kinds = Object.entries(a.kinds).map(([kind, row]) => [kindName(kind), figure(row.percent), figure(row.kappa), figure(row.alpha), figure(row.exact), figure(row.overlap)]);
    return h(
      'section.agreement',
      {},
      h('h2', {}, say('annotate.agreement')),
      h('p.hint', {}, say('annotate.agreement.of', { items: integer(a.items), people: people || '–' })),
      table(['', say('annotate.figure.percent'), 'κ (Cohen)', 'α (Krippendorff)', say('annotate.figure.exact'), say('annotate.figure.overlap')], [...verdict, ...spans, ...kinds]),
      a.pairs.length > 1 ? table(['', say('annotate.figure.items'), say('annotate.figure.percent'), 'κ', say('annotate.figure.overlap')], a.pairs.map((pair) => [pair.annotators.join(' – '), integer(pair.items), figure(pair.percent, false), figure(pair.kappa, false), figure(pair.overlap)])) : null,
      h('ul.warnings', {}, a.warnings.map((text) => h('li', {}, text))),
    );
  }

  function detectors() {
    const d = told.detectors;
    const rows = [
      [say('annotate.alarm'), figure(d.alarm.precision), figure(d.alarm.recall)],
      [say('annotate.marks'), figure(d.marks.overlap.precision), figure(d.marks.overlap.recall)],
      ...Object.entries(d.kinds).map(([kind, row]) => [kindName(kind), figure(row.precision), figure(row.recall)]),
    ];
    return h('section', {}, h('h2', {}, say('annotate.detectors')), h('p.hint', {}, say('annotate.detectors.of', { gold: integer(told.gold), items: integer(d.items) })), d.items ? table(['', say('annotate.figure.precision'), say('annotate.figure.recall')], rows) : null, h('ul.warnings', {}, d.warnings.map((text) => h('li', {}, text))));
  }

  function draw() {
    const bar = h('div.bar', {}, h('button', { type: 'button', onclick: () => page.home(), data: { do: 'back' } }, say('annotate.back')), h('strong', { dir: 'auto' }, queue));
    node.replaceChildren(bar, ...(told ? [disagreements(), agreement(), detectors()] : []));
  }

  draw();
  return { node, load, reload: load };
}
