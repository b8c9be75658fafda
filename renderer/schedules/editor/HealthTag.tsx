import { IconAlertOctagon, IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconPlayerPause, IconProgress } from '@tabler/icons-react';
import type { Schedule } from '../../../shared/contract/schedules.ts';
import { Tag, type Tone } from '../../ui/Tag.tsx';

/** A word and a shape of its own for each, so that colour is never all there is. */
const looks: Record<Schedule['health'], { tone: Tone; word: string; Icon: typeof IconProgress }> = {
  fine: { tone: 'ok', word: 'fine', Icon: IconCircleCheck },
  running: { tone: 'info', word: 'running', Icon: IconProgress },
  failing: { tone: 'bad', word: 'failing', Icon: IconAlertOctagon },
  overdue: { tone: 'bad', word: 'overdue', Icon: IconAlertTriangle },
  new: { tone: 'neutral', word: 'new', Icon: IconCircleDashed },
  off: { tone: 'neutral', word: 'off', Icon: IconPlayerPause },
};

export function HealthTag({ health }: { health: Schedule['health'] }) {
  const { tone, word, Icon } = looks[health];
  return (
    <Tag tone={tone}>
      <Icon size={13} aria-hidden />
      {word}
    </Tag>
  );
}
