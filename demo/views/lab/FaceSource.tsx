import { localized } from '../../app/language.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { en, ko } from './messages.ts';

/** Whose faces a panel shows. */
export type FaceSourceName = 'samples' | 'photos' | 'gallery';

interface FaceSourceProps {
  value: FaceSourceName;
  onChange: (source: FaceSourceName) => void;
  /** What the samples are called in this panel. */
  samples: string;
}

/** The choice between the sample photos' faces, those of the Photos view, and the people who are remembered. */
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
