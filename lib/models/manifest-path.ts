/** A path below the folder of a file that names it: no absolute path, no `..`, no hidden file. */
export const pathBelow = /^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/;
