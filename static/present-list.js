// Before a talk: which list is shown, the person's own list, and the warm-up. Drawn as the stage's first screen. No Gradio.

import { h, say } from './dom.js';

const STORE = 'inspector-talk';
const MOST = 200; // cases of one's own
const LONG = 100_000; // characters of a text

const sound = (one) =>
  typeof one?.text === 'string' && one.text.trim() !== '' && one.text.length <= LONG && Array.isArray(one.compressors) && one.compressors.length > 0 && one.compressors.length <= 4 && one.compressors.every((c) => typeof c === 'string' && c.length < 400);

/** The person's own cases, { text, compressors }, kept in this browser and sent nowhere but to be computed. */
export const own = {
  cases: read(),
  /** Keep a new list; false where the browser refuses, or where it is too long. */
  set(cases) {
    if (cases.length > MOST) return false;
    try {
      localStorage.setItem(STORE, JSON.stringify(cases));
    } catch {
      return false;
    }
    own.cases = cases;
    document.dispatchEvent(new CustomEvent('inspector:list'));
    return true;
  },
  /** A case for each paragraph: what blank lines part. */
  paragraphs: (text, compressors) => text.split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean).map((part) => ({ text: part, compressors })),
  toJSON: () => JSON.stringify({ version: 1, cases: own.cases }, null, 1),
  /** The cases of an exported file, or null where it is none. */
  fromJSON(text) {
    try {
      const { version, cases } = JSON.parse(text);
      return version === 1 && Array.isArray(cases) && cases.every(sound) ? cases.map(({ text: t, compressors }) => ({ text: t, compressors })) : null;
    } catch {
      return null;
    }
  },
};

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE) ?? '[]');
    return Array.isArray(found) ? found.filter(sound).map(({ text, compressors }) => ({ text, compressors })) : [];
  } catch {
    return []; // storage is switched off, or holds something else
  }
}

/** First words of a text, as the name of a case. */
export const titleOf = (text) => {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > 44 ? `${line.slice(0, 44).replace(/\s\S*$/, '')} …` : line;
};

/**
 * The first screen.
 *
 * @param talk {
 *   lists: [{ id, cases() }], list(): id of the one shown, choose(id),
 *   open(at), ready(case): is its result here, failed(case): a sentence or undefined,
 *   warm(): begin or stop, warming(): { at, of, share } or null, compressors(then): the chosen ones,
 *   save(): compute what is missing of the list and save it as one file; resolves to what to say
 * }
 */
export function createLobby(talk) {
  const node = h('div.lobby.scrolls');
  const told = h('p.told', { role: 'status' });
  const texts = h('textarea', { rows: 3, placeholder: say('present.own.texts'), 'aria-label': say('present.own.texts') });
  const file = h('input', { type: 'file', accept: '.json,application/json', hidden: true, onchange: bring });
  const action = (label, onclick, props = {}) => h('button', { type: 'button', onclick, ...props }, label);

  function change(cases, done = '') {
    told.textContent = own.set(cases) ? done : say('present.own.full');
    draw();
  }

  async function bring() {
    const cases = file.files[0] && own.fromJSON(await file.files[0].text());
    file.value = '';
    if (cases) change([...own.cases, ...cases], say('present.own.brought', { n: cases.length }));
    else told.textContent = say('present.own.wrong');
  }

  async function save() {
    told.textContent = '';
    told.textContent = await talk.save().catch(() => say('export.failed'));
  }

  function saveList() {
    const link = h('a', { href: URL.createObjectURL(new Blob([own.toJSON()], { type: 'application/json' })), download: 'my-cases.json' });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  const add = () =>
    talk.compressors((compressors) => {
      const made = own.paragraphs(texts.value, compressors);
      if (!made.length || !made.every(sound)) return (told.textContent = say(compressors.length ? 'present.own.nothing' : 'page.error.none'));
      texts.value = '';
      return change([...own.cases, ...made], say('present.own.added', { n: made.length }));
    });

  function moved(at, by) {
    const cases = [...own.cases];
    cases.splice(at + by, 0, ...cases.splice(at, 1));
    change(cases);
    node.querySelectorAll('li')[at + by]?.querySelector(`[data-by="${by}"]`)?.focus();
  }

  /** Ready, failed, or not computed yet: in a sign and in words. */
  function state(one) {
    const failed = talk.failed(one);
    const name = failed ? 'failed' : talk.ready(one) ? 'ready' : null;
    return name && h(`span.mark.${name}`, {}, name === 'ready' ? '✓ ' : '✕ ', failed ?? say('present.ready'));
  }

  function item(one, at, list) {
    const mine = list === 'own';
    return h(
      'li',
      {},
      action(one.title, () => talk.open(at), { className: 'case' }),
      state(one),
      mine
        ? h(
            'span.order',
            {},
            action('↑', () => moved(at, -1), { disabled: at === 0, 'aria-label': say('present.own.up'), data: { by: -1 } }),
            action('↓', () => moved(at, 1), { disabled: at === own.cases.length - 1, 'aria-label': say('present.own.down'), data: { by: 1 } }),
            action('✕', () => change(own.cases.filter((_, i) => i !== at)), { 'aria-label': say('present.own.remove') }),
          )
        : null,
    );
  }

  function warmth(cases) {
    const now = talk.warming();
    const failed = cases.filter((one) => talk.failed(one)).length;
    const ready = cases.filter((one) => talk.ready(one)).length;
    const sentence = now
      ? say('present.warming', { at: now.at + 1, of: now.of, title: cases[now.at]?.title ?? '' })
      : failed
        ? say('present.warm.failed', { n: failed, of: cases.length })
        : cases.length && ready === cases.length
          ? say('present.warm.done', { n: ready })
          : say('present.warm.about');
    return h(
      'div.warm',
      {},
      action(say(now ? 'page.stop' : 'present.warm'), talk.warm, { disabled: !cases.length, id: 'warm' }),
      now ? null : action(say('present.save'), save, { disabled: !cases.length, id: 'save-talk', title: say('present.save.hint') }),
      now ? h('progress', { max: now.of, value: now.at + now.share, 'aria-label': say('present.warm') }) : null,
      h('p', { role: 'status' }, sentence),
    );
  }

  function draw() {
    const list = talk.list();
    const cases = talk.lists.find(({ id }) => id === list).cases();
    const choice = ({ id, cases: of }) => action(`${say(`present.list.${id}`)} ${of().length}`, () => talk.choose(id), { 'aria-pressed': String(id === list), data: { list: id } });
    const shown = talk.lists.filter(({ id, cases: of }) => id !== 'page' || of().length);
    node.replaceChildren(
      h('div.lists', {}, h('span.group', { role: 'group', 'aria-label': say('present.list') }, shown.map(choice)), warmth(cases)),
      h('ol.cases', { data: { of: list } }, cases.map((one, at) => item(one, at, list))),
      ...(list === 'own'
        ? [
            cases.length ? '' : h('p', {}, say('present.own.empty')),
            h('div.own', {}, texts, h('span.group', {}, action(say('present.own.add'), add), action(say('present.own.export'), saveList, { disabled: !cases.length }), action(say('present.own.import'), () => file.click()), file)),
            h('p', {}, say('present.own.about')),
          ]
        : []),
      told,
      h('p.hint', {}, say('present.start')),
    );
  }

  draw();
  return { node, draw };
}
