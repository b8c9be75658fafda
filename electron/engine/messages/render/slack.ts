// Slack's incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
import { atMost, type Message } from '../message.ts';
import { errorLines, itemLines } from './lines.ts';

/** The three characters that Slack's own markup needs escaped: names cannot become links or mentions. */
const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text: atMost(escape(text), 2900), verbatim: true } });

export function slackPayload(message: Message): object {
  const items = itemLines(message, 30);
  const fields = message.facts.slice(0, 10).map(({ label, value }) => ({
    type: 'mrkdwn',
    text: `*${escape(label)}*\n${atMost(escape(value), 1900)}`,
    verbatim: true,
  }));
  return {
    text: escape(message.subject),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: atMost(message.subject, 148), emoji: false } },
      section(`${message.state}: ${message.summary}`),
      ...(fields.length === 0 ? [] : [{ type: 'section', fields }]),
      ...(message.error === null ? [] : [section(errorLines(message).join('\n'))]),
      ...(items.length === 0 ? [] : [section(`${message.items?.title ?? ''}\n${items.map((line) => `• ${line}`).join('\n')}`)]),
    ],
  };
}
