import {
  IconBell,
  IconBrandDiscord,
  IconBrandSlack,
  IconBrandTeams,
  IconBrandTelegram,
  IconHeartbeat,
  IconMail,
  IconWebhook,
} from '@tabler/icons-react';
import type { Kind } from './channel-form.ts';

const icons: Record<Kind, typeof IconBell> = {
  desktop: IconBell,
  email: IconMail,
  slack: IconBrandSlack,
  teams: IconBrandTeams,
  discord: IconBrandDiscord,
  telegram: IconBrandTelegram,
  webhook: IconWebhook,
  ping: IconHeartbeat,
};

export function ChannelIcon({ kind, size = 20 }: { kind: Kind; size?: number }) {
  const Icon = icons[kind];
  return <Icon size={size} stroke={1.6} aria-hidden style={{ flex: 'none' }} />;
}
