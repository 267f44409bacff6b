/** The version of the library, as in package.json. What is measured on a device is measured again by another version. */
export const version = '0.1.0';
