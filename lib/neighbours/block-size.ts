/** The number of faces in a block of the neighbour graph, in memory and as it is stored. */
export const graphBlockSize = 1024;
