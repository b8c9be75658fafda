import { PageFrame } from '../ui/PageFrame.tsx';

export function RetentionPage() {
  return <PageFrame title="Retention">{null}</PageFrame>;
}
