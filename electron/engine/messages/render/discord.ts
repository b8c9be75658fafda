// Discord's webhooks: https://discord.com/developers/docs/resources/webhook#execute-webhook; its limits: 256 characters of title,
// 4096 of description, 1024 of a field, 25 fields, 6000 in all.
import { atMost, type Message } from '../message.ts';
import { errorLines, itemLines, toneColours } from './lines.ts';

/** Markdown of names must not take effect. */
const escape = (text: string): string => text.replace(/([\\`*_~|>[\]()#-])/g, '\\$1');

export function discordPayload(message: Message): object {
  const description = [`${message.state}: ${message.summary}`, ...errorLines(message), ...itemLines(message, 20)].map(escape).join('\n');
  return {
    username: 'Howdah',
    // Nobody is pinged, whatever a database is called.
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: atMost(message.subject, 250),
        description: atMost(description, 2500),
        color: toneColours[message.tone],
        fields: message.facts.slice(0, 12).map(({ label, value }) => ({ name: label, value: atMost(escape(value), 220), inline: true })),
        timestamp: message.at,
      },
    ],
  };
}
