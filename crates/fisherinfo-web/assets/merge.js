// What is synchronised, and how two versions of it become one.

const KINDS = [
  [/^[^/]+\/notes$/, "text"],
  [/^[^/]+\/answer\/[^/]+$/, "text"],
  [/^[^/]+\/inputs\/[^/]+$/, "inputs"],
  [/^[^/]+\/hints\/[^/]+$/, "hints"],
  [/^[^/]+\/progress\/[^/]+$/, "progress"],
];

/** The kind of an item, or null for one that stays in this browser. */
export const kindOf = (name) => KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? null;

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const SHAPES = {
  text: (value) => typeof value === "string",
  inputs: (value) => isRecord(value) && Object.values(value).every(Number.isFinite),
  hints: (value) => Number.isSafeInteger(value) && value >= 0,
  progress: (value) => isRecord(value) && Array.isArray(value.right ?? []) && (value.right ?? []).every((name) => typeof name === "string"),
};

/** Is a value what an item of this name has? */
export const fits = (name, value) => SHAPES[kindOf(name)]?.(value) ?? false;

/** Is there nothing to lose? */
export const isEmpty = (value) => value === null || value === undefined || value === "";

/** Do two values say the same? */
export const same = (a, b) => (isEmpty(a) && isEmpty(b)) || JSON.stringify(a) === JSON.stringify(b);

const MERGES = {
  // Nobody but the person can say which of two texts is the right one.
  text: () => undefined,
  inputs: (mine, theirs) => (theirs.at > mine.at ? theirs.value : mine.value),
  hints: (mine, theirs) => Math.max(mine.value, theirs.value),
  progress: ({ value: mine }, { value: theirs }) => ({
    seen: Boolean(mine.seen || theirs.seen),
    tried: Boolean(mine.tried || theirs.tried),
    right: [...new Set([...(mine.right ?? []), ...(theirs.right ?? [])])].sort(),
  }),
};

/** One value of two items that were both changed; undefined if a person has to choose. */
export function merged(name, mine, theirs) {
  if (isEmpty(theirs?.value)) return mine.value;
  if (isEmpty(mine?.value)) return theirs.value;
  return MERGES[kindOf(name)](mine, theirs);
}
