import { localized } from '../../app/language.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { en, ko } from './messages.ts';

/** A source of faces. */
export type FaceSourceName = 'samples' | 'photos' | 'gallery';

interface FaceSourceProps {
  value: FaceSourceName;
  onChange: (source: FaceSourceName) => void;
  /** The label of the samples, which differs between panels. */
  samples: string;
}

/** Selects the source of a panel's faces: the samples, the Photos view or the gallery. */
export function FaceSource({ value, onChange, samples }: FaceSourceProps) {
  const t = localized({ en, ko });
  return (
    <SegmentedControl
      label={t.whoseFaces}
      value={value}
      onChange={onChange}
      options={[
        { value: 'samples', label: samples },
        { value: 'photos', label: t.fromPhotos },
        { value: 'gallery', label: t.fromGallery },
      ]}
    />
  );
}
