/** A person's consent to the processing of their face. The application obtains it; the gallery keeps and exports it. */
export interface Consent {
  /** What the face is used for, at most 500 characters. */
  purpose: string;
  /** The text that the person agreed to, at most 20,000 characters. */
  text: string;
  /** The version of the text, at most 100 characters. */
  version: string;
  /** When the person agreed. */
  at: Date;
  /** When the consent ends and the person is removed. Default: never. */
  until?: Date;
}

/** How long a person may be kept, as given by the application. */
export interface RetentionOptions {
  /** The person's consent. It replaces an earlier one. Default: unchanged; none for a new person. */
  consent?: Consent;
  /** When the person is removed, if the consent does not end earlier. Default: unchanged; never for a new person. */
  expiresAt?: Date;
}
