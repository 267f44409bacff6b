import type { Verdict } from '../comparison/compare.ts';
import type { ErasureReceipt } from './receipt.ts';
import type { DamagedRecord } from './storage/store.ts';

/** The comparisons before an enrolment. They tell who the face belongs to, also if it is not enrolled. */
export interface EnrolmentCheck {
  /** The false-accept rate of each comparison. */
  far: number;
  /** The number of enrolled faces searched. */
  faces: number;
  /** The person in the gallery whom the face matches, other than the one to whom it was to be added. */
  other?: EnrolmentMatch;
  /** The nearest enrolled face of the known person to whom the face was to be added, and whether it matches. */
  nearest?: Omit<EnrolmentMatch, 'person'> & { same: boolean; reason?: 'quality' };
}

/** An enrolled face with which a face was compared, and the threshold that decided. */
export interface EnrolmentMatch {
  /** The person's id. */
  person: string;
  /** The id of the person's nearest enrolled face. */
  face: string;
  /** The distance to that enrolled face. */
  distance: number;
  /** The largest distance of a match of two faces of this quality. */
  threshold: number;
  /** Whether the threshold is that for the quality of both faces. */
  basis?: Verdict['basis'];
}

/** What the log records. People and enrolled faces are named by their random ids. There is no name, picture or embedding. */
export type LogEvent =
  /** The log was started. Earlier events are not in it. `replaces`: an earlier log was broken, and was deleted. */
  | { event: 'log-started'; replaces?: 'broken' }
  /** A face was enrolled. `consent`: the version of the consent's text. */
  | ({
      event: 'enrolled';
      person: string;
      face: string;
      consent?: string | undefined;
      warnings?: string[];
    } & Partial<EnrolmentCheck>)
  /** A face was compared, and was not enrolled. `person`: the known person to whom it was to be added. */
  | ({ event: 'enrolment-refused'; person?: string; reasons: string[] } & EnrolmentCheck)
  /** A face was searched. Without a match there is no person, enrolled face, distance or basis. */
  | {
      event: 'identified';
      person?: string;
      face?: string;
      distance?: number;
      /** The threshold that decided about the match; without a match, that for faces of unknown quality. */
      threshold: number;
      /** Whether the threshold is that for the quality of both faces. */
      basis?: Verdict['basis'];
      /** `quality`: a near enrolled face did not match, because it and the face are too poor to be compared. */
      reason?: 'quality';
      far: number;
      /** The number of enrolled faces searched. */
      faces: number;
    }
  /** A face was compared with a person, and was found to be that person (`same`) or not. */
  | {
      event: 'verified';
      person: string;
      face: string;
      same: boolean;
      distance: number;
      threshold: number;
      basis?: Verdict['basis'];
      reason?: 'quality';
      far: number;
    }
  | {
      event: 'changed';
      change:
        | 'renamed'
        | 'merged'
        | 'retention'
        | 'imported'
        | 'reembedded'
        | 'reissued'
        | 'protected'
        | 'rekeyed'
        | 'passphrase-changed';
      /**
       * The ids of the people concerned. Of a merge: the one that was kept, then the one that was removed. Of an import: those who
       * were added, then the known ones who received enrolled faces.
       */
      people?: string[];
      /** The number of enrolled faces written. */
      faces?: number;
      /** The ids of the enrolled faces that an import added, by their person. Imports of earlier builds do not state them. */
      received?: { person: string; faces: string[] }[];
      /** The version of the consent's text. */
      consent?: string | undefined;
    }
  /** Records were deleted. `receipt` is the digest of the {@link ErasureReceipt}; `person` the one who lost an enrolled face. */
  | ({ event: 'erased'; receipt: string; person?: string } & Omit<ErasureReceipt, 'erasedAt' | 'digest'>)
  /**
   * Damaged records were set aside when the gallery was opened for repair, or were deleted (`discarded`): on request, with
   * their person, or by a change of the keys.
   */
  | { event: 'set-aside' | 'discarded'; damaged: DamagedRecord[] }
  /**
   * The gallery, or the record of one person, was exported. `examples`: the embeddings were returned by `examples()`, not
   * rotated.
   */
  | { event: 'exported'; person?: string; people: number; faces: number; encrypted: boolean; examples?: true };

/** An entry of the log. */
export type LogEntry = LogEvent & {
  /** The position in the log, from 1. */
  number: number;
  at: Date;
  /** The name of the model that the gallery compares with. */
  model: string;
  /** The version of facenet-web. */
  release: string;
  /** SHA-256 of the previous entry's line in hexadecimal; 64 zeros in the first. */
  previous: string;
};
