/** The version of facenet-web, as in package.json. */
export const release = '0.1.0';
