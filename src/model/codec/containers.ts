/** The kinds of open containers on the stacks of encoder and decoder. */

/** The values of a shape's keys, in their order. */
export const PROPERTIES = 0;
/** Keys and values that alternate. */
export const ENTRIES = 1;
/** The elements of an array. */
export const ELEMENTS = 2;
/** The elements of an array with holes or named properties, each preceded by the gap before it. */
export const SPARSE = 3;
/** The keys and values of a Map, alternating. */
export const MAP_ITEMS = 4;
/** The members of a Set. */
export const SET_ITEMS = 5;
/** The one value of an extension; what it stands for is not there before it. */
export const EXTENSION = 6;
