// Every entity of the source and what became of it: kept, changed, nearly the same, dropped, or invented.

import { h, nameTag, say } from './dom.js';

const SIGNS = { changed: '≠', 'near-miss': '≈', dropped: '−', invented: '+', kept: '✓' };
const key = (status) => `entity.${status.replace('-', '_')}`;

/** Rows `[status, label, source, reconstruction, times]`, folded away; null where there are none. */
export function entityList(column, index, several) {
  const rows = column.meaning.entities;
  if (!rows.length) return null;
  const groups = Object.keys(SIGNS).map((status) => [status, rows.filter((row) => row[0] === status)]).filter(([, found]) => found.length);
  const count = groups.map(([status, found]) => `${say(key(status))} ${found.reduce((sum, row) => sum + row[4], 0)}`).join(', ');
  return h(
    'details.entities',
    { data: { entities: index } },
    h('summary', {}, several ? nameTag(column, index) : null, several ? ' ' : null, `${say('view.entities')}: ${count}`),
    groups.map(([status, found]) =>
      h(
        'p',
        { data: { status } },
        h('strong', {}, h('span', { 'aria-hidden': 'true' }, `${SIGNS[status]} `), say(key(status))),
        found.map(([, label, was, now, times]) => h('span.entity', { title: label }, h('bdi', {}, was ?? now), was && now && was !== now ? [' → ', h('bdi', {}, now)] : null, times > 1 ? ` ×${times}` : null)),
      ),
    ),
  );
}
