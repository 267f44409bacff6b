/** What to do about damage, as the end of an error message: it depends on where the damage is. */
export const damageAdvice = {
  /** In a record of the database. */
  record: 'open the gallery with { repair: true } to keep the rest, or erase it and import an export',
  /** In the record that the key of an encrypted gallery is stored in. */
  vault: 'no record can be read without it. Erase the gallery and import an export',
  /** In an exported file. */
  export: 'restore another export',
} as const;
