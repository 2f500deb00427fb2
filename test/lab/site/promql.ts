/** One time series: its labels, `__name__` among them, and what it was at a time. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined before it began. */
  readonly at: (timeMs: number) => number | undefined;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The question is of no form that this understands. */
export class BadQuery extends Error {
  override readonly name = 'BadQuery';
  readonly code = 'BAD_QUERY';
}

type Expression =
  | { readonly is: 'aggregation'; readonly by: readonly string[]; readonly how: 'min' | 'max'; readonly of: Expression }
  | { readonly is: 'slope'; readonly of: Selector; readonly windowMs: number }
  | { readonly is: 'instant'; readonly of: Selector; readonly offsetMs: number }
  | { readonly is: 'and' | 'or'; readonly left: Expression; readonly right: Expression };

interface Selector {
  readonly matches: (labels: Series['labels']) => boolean;
}

/** As much of PromQL as the bot speaks: selectors, offset, deriv, min, max, and, or. */
export function evaluate(query: string, series: readonly Series[], nowMs: number): Sample[] {
  const reader = new Tokens(query);
  const expression = expressionIn(reader);
  reader.end();
  return valueOf(expression, series, nowMs);
}

function valueOf(expression: Expression, series: readonly Series[], nowMs: number): Sample[] {
  if (expression.is === 'aggregation') return aggregate(expression, valueOf(expression.of, series, nowMs));
  if ('left' in expression) {
    const [left, right] = [expression.left, expression.right].map((side) => valueOf(side, series, nowMs));
    return combined(expression.is, left ?? [], right ?? []);
  }
  const chosen = series.filter(({ labels }) => expression.of.matches(labels));
  return chosen.flatMap(({ labels, at }) => {
    if (expression.is === 'instant') return sampleOf(labels, at(nowMs - expression.offsetMs));
    const { __name__: _name, ...metric } = labels;
    return sampleOf(metric, slope(at, { fromMs: nowMs - expression.windowMs, toMs: nowMs }));
  });
}

function combined(how: 'and' | 'or', left: readonly Sample[], right: readonly Sample[]): Sample[] {
  const isIn = (samples: readonly Sample[]) => {
    const names = new Set(samples.map(({ metric }) => withoutName(metric)));
    return ({ metric }: Sample) => names.has(withoutName(metric));
  };
  if (how === 'and') return left.filter(isIn(right));
  const isLeft = isIn(left);
  return [...left, ...right.filter((sample) => !isLeft(sample))];
}

/** By what both sides of an operator are matched. */
function withoutName({ __name__: _name, ...labels }: Sample['metric']): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function sampleOf(metric: Sample['metric'], value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ metric, value }];
}

function aggregate({ by, how }: Extract<Expression, { is: 'aggregation' }>, samples: readonly Sample[]): Sample[] {
  const kept = (metric: Sample['metric']) => Object.fromEntries(by.flatMap((name) => entryOf(metric, name)));
  const groups = Map.groupBy(samples, ({ metric }) => JSON.stringify(kept(metric)));
  return [...groups.values()].map((group) => ({
    metric: kept(group[0]?.metric ?? {}),
    value: Math[how](...group.map(({ value }) => value)),
  }));
}

function entryOf(metric: Sample['metric'], name: string): [string, string][] {
  const value = metric[name];
  return value === undefined ? [] : [[name, value]];
}

const SCRAPE_MS = 900_000;

/** Least squares, a second, as deriv() has it; undefined with fewer than two samples. */
function slope(at: Series['at'], { fromMs, toMs }: { fromMs: number; toMs: number }): number | undefined {
  const count = Math.floor((toMs - fromMs) / SCRAPE_MS);
  const times = Array.from({ length: count + 1 }, (_, index) => toMs - index * SCRAPE_MS);
  const points = times.flatMap((timeMs) => {
    const y = at(timeMs);
    return y === undefined ? [] : [{ x: (timeMs - toMs) / 1_000, y }];
  });
  if (points.length < 2) return undefined;
  const mean = (pick: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, one) => sum + pick(one), 0) / points.length;
  const [x, y] = [mean((one) => one.x), mean((one) => one.y)];
  return mean((one) => (one.x - x) * (one.y - y)) / mean((one) => (one.x - x) ** 2);
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function expressionIn(tokens: Tokens): Expression {
  const left = operandIn(tokens);
  const how = tokens.take(/^(and|or)\b/);
  return how === 'and' || how === 'or' ? { is: how, left, right: expressionIn(tokens) } : left;
}

function operandIn(tokens: Tokens): Expression {
  const how = tokens.take(/^(min|max)\b/);
  if (how === 'min' || how === 'max') {
    const by = tokens.take(/^by\b/) === undefined ? [] : tokens.list();
    tokens.need(/^\(/);
    const of = expressionIn(tokens);
    tokens.need(/^\)/);
    return { is: 'aggregation', how, by, of };
  }
  if (tokens.take(/^deriv\b/) === undefined) return instantIn(tokens);
  tokens.need(/^\(/);
  const of = selectorIn(tokens);
  tokens.need(/^\[/);
  const windowMs = durationIn(tokens);
  tokens.need(/^\]/);
  tokens.need(/^\)/);
  return { is: 'slope', of, windowMs };
}

function instantIn(tokens: Tokens): Expression {
  const of = selectorIn(tokens);
  return { is: 'instant', of, offsetMs: tokens.take(/^offset\b/) === undefined ? 0 : durationIn(tokens) };
}

function durationIn(tokens: Tokens): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(tokens.need(/^\d+[smhd]\b/)) ?? [];
  return Number(count) * (UNITS[unit] ?? Number.NaN);
}

function selectorIn(tokens: Tokens): Selector {
  const name = tokens.take(/^[A-Za-z_]\w*/);
  const matchers: Selector['matches'][] = name === undefined ? [] : [({ __name__ }) => __name__ === name];
  if (tokens.take(/^\{/) !== undefined) {
    while (tokens.take(/^\}/) === undefined) {
      matchers.push(matcherIn(tokens));
      tokens.take(/^,/);
    }
  }
  if (matchers.length === 0) throw new BadQuery('vector selector must contain at least one non-empty matcher');
  return { matches: (labels) => matchers.every((matches) => matches(labels)) };
}

function matcherIn(tokens: Tokens): Selector['matches'] {
  const label = tokens.need(/^\w+/);
  const operator = tokens.need(/^(=~|=)/);
  const wanted: unknown = JSON.parse(tokens.need(/^"(?:[^"\\]|\\.)*"/));
  const whole = new RegExp(operator === '=' ? '' : `^(?:${String(wanted)})$`);
  return ({ [label]: value = '' }) => (operator === '=' ? value === wanted : whole.test(value));
}

class Tokens {
  #rest: string;
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
    this.#rest = query.trim();
  }

  take(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.#rest)?.[0];
    if (found !== undefined) this.#rest = this.#rest.slice(found.length).trimStart();
    return found;
  }

  need(pattern: RegExp): string {
    const found = this.take(pattern);
    if (found === undefined)
      throw new BadQuery(`${this.#query.length - this.#rest.length}: parse error: unexpected ${this.#rest}`);
    return found;
  }

  /** `(namespace, pod)` */
  list(): string[] {
    this.need(/^\(/);
    const names: string[] = [];
    while (this.take(/^\)/) === undefined) {
      names.push(this.need(/^\w+/));
      this.take(/^,/);
    }
    return names;
  }

  end(): void {
    if (this.#rest !== '') throw new BadQuery(`parse error: unexpected ${this.#rest}`);
  }
}
