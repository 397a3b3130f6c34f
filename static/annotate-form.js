// What an annotator has said of the item at hand, before it is sent: rows of marks and suggestions, a verdict, a comment.

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const SIDES = ['source', 'reconstruction'];
const SEVERITIES = ['serious', 'minor', 'acceptable'];
const span = (s) => (s ? { start: s.start, end: s.end, text: s.text } : null);
const content = (row) => [row.kind, row.severity, span(row.source), span(row.reconstruction)];

/**
 * Rows are suggestions first, in their order, then own marks. A row's state: `open` (a suggestion nobody answered), `kept`, `rejected`.
 * Spans are { start, end, text } in code points.
 */
export class Form {
  constructor(desk) {
    this.desk = desk;
    this.found = desk.suggestions?.divergences ?? [];
    const label = desk.label;
    const answers = new Map((label?.decisions ?? []).map((d) => [d.suggestion, d.answer]));
    const marks = [...(label?.marks ?? [])];
    const make = (mark, state) => ({ kind: mark.kind, severity: mark.severity, source: span(mark.source), reconstruction: span(mark.reconstruction), suggestion: mark.suggestion ?? null, state });
    this.rows = this.found.map((one, index) => {
      const at = marks.findIndex((mark) => mark.suggestion === index);
      const mark = at >= 0 ? marks.splice(at, 1)[0] : null;
      return mark ? make(mark, 'kept') : make({ ...one, suggestion: index }, answers.get(index) === 'rejected' ? 'rejected' : 'open');
    });
    this.rows.push(...marks.map((mark) => make(mark, 'kept')));
    this.verdict = label?.verdict ?? null;
    this.comment = label?.comment ?? '';
    this.seconds = label?.seconds ?? 0;
    this.pending = { source: null, reconstruction: null };
    this.at = this.rows.findIndex((row) => row.state === 'open');
    this.past = [];
    this.begun = this.#said();
    this.restored = false; // from this browser's draft
    this.stored = false; // as a draft in this browser
    this.sent = false; // nothing of it is to be kept any more
  }

  #said() {
    return JSON.stringify([this.rows, this.verdict, this.comment, this.pending]);
  }

  /** Whether it holds something that is not sent yet. */
  get changed() {
    return this.#said() !== this.begun;
  }

  get row() {
    return this.rows[this.at] ?? null;
  }

  /** Remember how it stands, so that `undo` comes back to it. */
  remember() {
    this.past.push(JSON.stringify({ rows: this.rows, verdict: this.verdict, pending: this.pending, at: this.at }));
  }

  /** False where there is nothing to take back here. */
  undo() {
    if (!this.past.length) return false;
    Object.assign(this, JSON.parse(this.past.pop()));
    return true;
  }

  /** All that an annotator put in, as plain JSON, for `takeBack`. */
  kept() {
    const { rows, verdict, comment, pending, seconds, at } = this;
    return structuredClone({ rows, verdict, comment, pending, seconds, at, suggestions: this.desk.suggestions?.id ?? null });
  }

  /** Hold again what a form of this item held: before a reload, or before its label was undone. */
  takeBack(kept) {
    const known = kept.suggestions === (this.desk.suggestions?.id ?? null);
    const rows = known ? kept.rows : [...this.rows, ...kept.rows.filter((row) => row.suggestion === null)];
    const { verdict, comment, pending, seconds } = kept;
    Object.assign(this, { rows, verdict, comment, pending, seconds, at: known ? kept.at : -1 });
  }

  select(side, chosen) {
    this.remember();
    this.pending[side] = chosen;
  }

  move(by) {
    if (this.rows.length) this.at = this.at < 0 ? (by > 0 ? 0 : this.rows.length - 1) : (this.at + by + this.rows.length) % this.rows.length;
  }

  /** A new mark of the spans selected; without any, the chosen row gets this kind. False where there is neither. */
  kind(kind) {
    const { source, reconstruction } = this.pending;
    if (source || reconstruction) {
      this.remember();
      this.rows.push({ kind, severity: 'serious', source, reconstruction, suggestion: null, state: 'kept' });
      this.at = this.rows.length - 1;
      this.pending = { source: null, reconstruction: null };
    } else if (this.row) {
      this.remember();
      Object.assign(this.row, { kind, state: 'kept' });
    } else return false;
    return true;
  }

  severity(severity = null) {
    if (!this.row) return false;
    this.remember();
    const next = SEVERITIES[(SEVERITIES.indexOf(this.row.severity) + 1) % SEVERITIES.length];
    Object.assign(this.row, { severity: severity ?? next, state: 'kept' });
    return true;
  }

  accept() {
    if (!this.row) return false;
    this.remember();
    this.row.state = 'kept';
    this.#onward();
    return true;
  }

  /** A suggestion is rejected, and as it was; an own mark is gone. */
  reject() {
    const row = this.row;
    if (!row) return false;
    this.remember();
    const one = row.suggestion !== null ? this.found[row.suggestion] : null;
    if (one) {
      Object.assign(row, { kind: one.kind, severity: one.severity, source: span(one.source), reconstruction: span(one.reconstruction), state: 'rejected' });
      this.#onward();
    } else {
      this.rows.splice(this.at, 1);
      this.at = Math.min(this.at, this.rows.length - 1);
    }
    return true;
  }

  /** On to the next suggestion that waits for an answer, where there is one. */
  #onward() {
    const open = this.rows.findIndex((row, index) => index > this.at && row.state === 'open');
    if (open >= 0) this.at = open;
  }

  /** Selected spans become sides of the chosen mark; else a pair falls apart; else two marks of one side each become a pair. */
  relation() {
    const row = this.row;
    if (!row) return false;
    const given = SIDES.filter((side) => this.pending[side]);
    if (given.length) {
      this.remember();
      given.forEach((side) => (row[side] = this.pending[side]));
      row.state = 'kept';
      this.pending = { source: null, reconstruction: null };
      return true;
    }
    if (row.source && row.reconstruction) {
      this.remember();
      this.rows.push({ ...row, source: null, suggestion: null, state: 'kept' });
      Object.assign(row, { reconstruction: null, state: 'kept' });
      return true;
    }
    const [has, lacks] = row.source ? SIDES : [...SIDES].reverse();
    const other = this.rows.findLastIndex((each) => each !== row && each.state === 'kept' && each[lacks] && !each[has] && each.suggestion === null);
    if (other < 0) return false;
    this.remember();
    Object.assign(row, { [lacks]: this.rows[other][lacks], state: 'kept' });
    this.rows.splice(other, 1);
    if (other < this.at) this.at -= 1;
    return true;
  }

  /** `accepted`, `edited`, `rejected`, or null where a suggestion has no answer yet. */
  answer(index) {
    const rows = this.rows.filter((row) => row.suggestion === index);
    const kept = rows.filter((row) => row.state === 'kept');
    if (kept.length) return kept.length === 1 && same(content(kept[0]), content(this.found[index])) ? 'accepted' : 'edited';
    return rows.some((row) => row.state === 'rejected') ? 'rejected' : null;
  }

  /** The label as the store takes it; `queue`: its settings. */
  label(queue, judging = false) {
    const shown = this.desk.suggestions ? (judging ? 'first' : queue.shown) : 'never';
    const decisions = this.found.map((_, index) => ({ suggestion: index, answer: this.answer(index) })).filter((d) => d.answer);
    const marks = this.rows.filter((row) => row.state === 'kept').map(({ state, ...mark }) => mark);
    return {
      verdict: this.verdict,
      marks,
      comment: this.comment,
      suggestions: this.desk.suggestions?.id ?? null,
      decisions: this.desk.suggestions ? decisions : [],
      shown,
      blind: judging ? false : queue.blind,
      guideline: queue.guideline ?? null,
      seconds: Math.round(this.seconds * 10) / 10,
    };
  }
}
