// Labels that are begun and not sent yet, kept in this browser: by queue, item and annotator, so that nobody meets another's.

const PREFIX = 'inspector-unsent:';

/** A queue is known by its name and when it was made: another database on the same address has others. */
const keyOf = (me, queue, item, judging) => PREFIX + JSON.stringify([me.name, queue.name, queue.made, judging, item]);

function stored() {
  try {
    return window.localStorage;
  } catch {
    return null; // switched off: what is not sent lives as long as the view
  }
}

/** Keep what a form holds (`Form.kept()`); `after`: the last event that it rests on. */
export function keepDraft(me, queue, item, judging, after, kept) {
  try {
    stored()?.setItem(keyOf(me, queue, item, judging), JSON.stringify({ after, time: Date.now(), kept }));
  } catch {
    /* full: as if it were switched off */
  }
}

export const dropDraft = (me, queue, item, judging) => stored()?.removeItem(keyOf(me, queue, item, judging));

/** What was kept; null where there is nothing, or where something was sent since, which it does not rest on. */
export function draftOf(me, queue, item, judging, after) {
  try {
    const found = JSON.parse(stored()?.getItem(keyOf(me, queue, item, judging)) ?? 'null');
    return found?.after === after && Array.isArray(found.kept?.rows) ? found.kept : null;
  } catch {
    return null;
  }
}

/** Items of a queue with a draft of this annotator's, the latest first. */
export function draftsIn(me, queue) {
  const start = keyOf(me, queue, '', false).slice(0, -'""]'.length);
  const found = Object.entries(stored() ?? {}).filter(([key]) => key.startsWith(start));
  const time = (text) => Number(/"time":(\d+)/.exec(text)?.[1] ?? 0);
  return found.sort((a, b) => time(b[1]) - time(a[1])).map(([key]) => JSON.parse(key.slice(PREFIX.length))[4]);
}
