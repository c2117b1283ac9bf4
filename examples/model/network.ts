/**
 * A small neural network in plain TypeScript: one hidden layer, softmax, gradient descent with momentum.
 *
 * Same seed, same runtime: same weights, to the last bit.
 *
 * @module
 */

/** An example to learn from: numbers, and the class they belong to. */
export interface Example {
  readonly input: readonly number[];
  readonly label: number;
}

/** A network's shape and weights. Each row of a matrix ends with the bias. */
export interface Network {
  readonly inputs: number;
  readonly hidden: number;
  readonly classes: number;
  /** What is subtracted from each input, and what it is then divided by. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** `hidden` rows of `inputs + 1` weights. */
  readonly first: Float64Array;
  /** `classes` rows of `hidden + 1` weights. */
  readonly second: Float64Array;
}

/** How to train. */
export interface Training {
  readonly rate: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly seed: number;
}

/** How good a network is on some examples. */
export interface Score {
  /** The mean cross-entropy; smaller is better. */
  readonly loss: number;
  /** The share of examples it gets right. */
  readonly accuracy: number;
  /** `confusion[actual][predicted]` examples. */
  readonly confusion: readonly (readonly number[])[];
}

/** Random numbers in [0, 1) from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A shuffled copy (Fisher and Yates). */
export function shuffle<T>(items: readonly T[], next: () => number): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}

/** Trains a network by gradient descent over all examples at once; also gives the loss after every epoch. */
export function train(
  examples: readonly Example[],
  { rate, hidden, epochs, seed }: Training,
): { network: Network; losses: number[] } {
  const inputs = examples[0]!.input.length;
  const classes = Math.max(...examples.map(({ label }) => label)) + 1;
  const next = random(seed);
  const start = (length: number, fanIn: number) =>
    Float64Array.from({ length }, () => (next() * 2 - 1) / Math.sqrt(fanIn));
  const network: Network = {
    inputs,
    hidden,
    classes,
    ...spread(examples, inputs),
    first: start(hidden * (inputs + 1), inputs),
    second: start(classes * (hidden + 1), hidden),
  };
  const speed = {
    first: new Float64Array(network.first.length),
    second: new Float64Array(network.second.length),
  };
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const { loss, first, second } = gradient(network, examples);
    descend(network.first, speed.first, first, rate);
    descend(network.second, speed.second, second, rate);
    losses.push(loss);
  }
  return { network, losses };
}

/** Tries a network on examples. */
export function score(network: Network, examples: readonly Example[]): Score {
  const confusion = Array.from({ length: network.classes }, () => new Array<number>(network.classes).fill(0));
  let loss = 0;
  for (const { input, label } of examples) {
    const { shares } = forward(network, input);
    loss -= Math.log(Math.max(shares[label]!, 1e-12));
    confusion[label]![shares.indexOf(Math.max(...shares))]! += 1;
  }
  const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  return { loss: loss / examples.length, accuracy: right / examples.length, confusion };
}

/** A network as text, and back: weights are written so that reading them gives the same bits. */
export function toText(network: Network): string {
  return JSON.stringify(
    { ...network, first: [...network.first], second: [...network.second] },
    undefined,
    1,
  ) + "\n";
}

/** The network that `toText` wrote. */
export function fromText(text: string): Network {
  const network = JSON.parse(text);
  return { ...network, first: Float64Array.from(network.first), second: Float64Array.from(network.second) };
}

/** What each layer gives for one input. */
function forward(
  network: Network,
  input: readonly number[],
): { scaled: number[]; active: number[]; shares: number[] } {
  const { inputs, hidden, classes, mean, deviation } = network;
  const scaled = input.map((value, i) => (value - mean[i]!) / deviation[i]!);
  const active = Array.from(
    { length: hidden },
    (_, row) => Math.tanh(weigh(network.first, row, scaled, inputs)),
  );
  const raw = Array.from({ length: classes }, (_, row) => weigh(network.second, row, active, hidden));
  const top = Math.max(...raw);
  const powers = raw.map((value) => Math.exp(value - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return { scaled, active, shares: powers.map((power) => power / sum) };
}

/** One row of a matrix times a vector, plus the bias at the row's end. */
function weigh(weights: Float64Array, row: number, values: readonly number[], width: number): number {
  const start = row * (width + 1);
  let sum = weights[start + width]!;
  for (let i = 0; i < width; i++) sum += weights[start + i]! * values[i]!;
  return sum;
}

/** The mean loss over the examples, and how it changes with each weight. */
function gradient(
  network: Network,
  examples: readonly Example[],
): { loss: number; first: Float64Array; second: Float64Array } {
  const { inputs, hidden, classes } = network;
  const first = new Float64Array(network.first.length), second = new Float64Array(network.second.length);
  let loss = 0;
  for (const { input, label } of examples) {
    const { scaled, active, shares } = forward(network, input);
    loss -= Math.log(Math.max(shares[label]!, 1e-12)) / examples.length;
    const back = new Float64Array(hidden);
    for (let row = 0; row < classes; row++) {
      const error = (shares[row]! - (row === label ? 1 : 0)) / examples.length;
      const start = row * (hidden + 1);
      for (let i = 0; i < hidden; i++) {
        second[start + i]! += error * active[i]!;
        back[i]! += error * network.second[start + i]!;
      }
      second[start + hidden]! += error;
    }
    for (let row = 0; row < hidden; row++) {
      const error = back[row]! * (1 - active[row]! ** 2);
      const start = row * (inputs + 1);
      for (let i = 0; i < inputs; i++) first[start + i]! += error * scaled[i]!;
      first[start + inputs]! += error;
    }
  }
  return { loss, first, second };
}

/** One step downhill, with momentum. */
function descend(weights: Float64Array, speed: Float64Array, slope: Float64Array, rate: number): void {
  for (let i = 0; i < weights.length; i++) {
    speed[i] = 0.9 * speed[i]! - rate * slope[i]!;
    weights[i]! += speed[i]!;
  }
}

/** Mean and standard deviation of each input. */
function spread(examples: readonly Example[], inputs: number): Pick<Network, "mean" | "deviation"> {
  const columns = Array.from({ length: inputs }, (_, i) => examples.map(({ input }) => input[i]!));
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const mean = columns.map(average);
  const deviation = columns.map((values, i) =>
    Math.sqrt(average(values.map((value) => (value - mean[i]!) ** 2)))
  );
  return { mean, deviation };
}
