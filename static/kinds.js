// Kinds of divergence as they are drawn: a letter each, and for each drift dimension a colour and a shape.

import { h, has, say } from './dom.js';

/** Drift dimensions in the order shown, each with its kinds; KINDS of inspector/inspection.py. */
export const DIMENSIONS = {
  entity_list: ['entity', 'identifier', 'number'],
  role_binding: ['role'],
  modifier_scope: ['negation', 'modifier'],
  coreference: ['coreference'],
  predicate_exactness: ['predicate'],
  relation_anchor: ['relation'],
  main_topic: ['topic'],
};
const LETTERS = { entity: 'E', identifier: 'I', number: 'N', role: 'R', negation: '¬', modifier: 'M', coreference: 'C', predicate: 'P', relation: 'L', topic: 'T' };
const CHANGES = { substituted: '≠', dropped: '−', added: '+', swapped: '⇄', moved: '↷' };
export const SEVERITIES = ['serious', 'minor', 'acceptable'];

/** A kind that somebody added has its first letter, its own name, and, in no known dimension, the shape of `other`. */
export const letter = (kind) => LETTERS[kind] ?? [...kind.toUpperCase()][0] ?? '?';
export const kindName = (kind) => (has(`kind.${kind}`) ? say(`kind.${kind}`) : kind);
export const dimensionOf = (item) => (item.dimension in DIMENSIONS ? item.dimension : 'other');

/** The letter in its dimension's shape; `change` adds its sign. */
export const chip = (kind, dimension, severity = 'serious', change = null) =>
  h(
    `span.kind.d-${dimension}.${severity}`,
    { 'aria-hidden': 'true' },
    h('span.shape', {}, letter(kind)),
    change ? h('span.change', {}, CHANGES[change] ?? '') : null,
  );

/** What a mark says to those who cannot see it, and in its tip. */
export const chipLabel = (item, told) =>
  say('view.chip', { kind: kindName(item.kind), severity: say(`severity.${item.severity}`), change: say(`change.${item.change}`), sentence: told });
