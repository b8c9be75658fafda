import { PageFrame } from '../ui/PageFrame.tsx';

export function MessagesPage() {
  return <PageFrame title="Messages">{null}</PageFrame>;
}
