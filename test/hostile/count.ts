/** How many generated texts went through each kind of place; a place that refused one has taken it as well. */
export class Count {
  readonly #cases = new Map<string, number>();

  add(place: string, cases = 1): void {
    this.#cases.set(place, this.of(place) + cases);
  }

  of(place: string): number {
    return this.#cases.get(place) ?? 0;
  }

  get total(): number {
    return [...this.#cases.values()].reduce((sum, cases) => sum + cases, 0);
  }
}
