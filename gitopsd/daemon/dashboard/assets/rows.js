// The rows of the list: kept once, searched by plain text, so that a keystroke costs milliseconds.

export class Rows {
  #orders = new Map();

  constructor({ columns, states, rows }) {
    this.states = states;
    this.rank = new Map(states.map((state, index) => [state, index]));
    this.at = Object.fromEntries(columns.map((name, index) => [name, index]));
    this.rows = rows;
    this.texts = rows.map((row) => row.join("\n").toLowerCase());
  }

  get(row, name) {
    return row[this.at[name]];
  }

  /** The names by which a row's details are asked for. */
  place(row) {
    return ["repository", "target", "kind", "namespace", "name"].map((n) => this.get(row, n));
  }

  /** What a column holds, each once, in order. */
  values(name) {
    return [...new Set(this.rows.map((row) => this.get(row, name)))].sort();
  }

  /** The rows that have all words and the chosen values (null: any), in the order of a column. */
  find(words, chosen, sort, down) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const filters = Object.entries(chosen).filter(([, value]) => value)
      .map(([name, value]) => [this.at[name], value]);
    return this.#order(sort, down).filter((index) =>
      filters.every(([column, value]) => this.rows[index][column] === value)
      && wanted.every((word) => this.texts[index].includes(word))).map((index) => this.rows[index]);
  }

  /** How many of the rows have each state, whatever state is chosen. */
  counts(rows) {
    const found = new Map(this.states.map((state) => [state, 0]));
    for (const row of rows) {
      const state = this.get(row, "state");
      found.set(state, (found.get(state) || 0) + 1);
    }
    return found;
  }

  /** All places in the order of a column, worked out once for each. */
  #order(sort, down) {
    const name = `${sort} ${down}`;
    if (this.#orders.has(name)) return this.#orders.get(name);
    const column = this.at[sort];
    const keys = this.rows.map((row) =>
      (sort === "state" ? this.rank.get(row[column]) ?? 0 : row[column]));
    const names = this.rows.map((row) => `${row[this.at.namespace]}/${row[this.at.name]}`);
    const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    const order = this.rows.map((_, index) => index);
    order.sort((a, b) => (down ? -1 : 1) * compare(keys[a], keys[b]) || compare(names[a], names[b]));
    this.#orders.set(name, order);
    return order;
  }
}
