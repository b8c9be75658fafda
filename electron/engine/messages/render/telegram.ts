// Telegram's Bot API, sendMessage: https://core.telegram.org/bots/api#sendmessage; at most 4096 characters.
import { atMost, type Message } from '../message.ts';
import { errorLines, itemLines } from './lines.ts';

const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

export function telegramPayload(message: Message, chatId: string): object {
  const rest = [
    message.summary,
    '',
    ...message.facts.map(({ label, value }) => `${label}: ${value}`),
    '',
    ...errorLines(message),
    ...itemLines(message, 20),
  ].join('\n');
  return {
    chat_id: chatId,
    // The limit counts characters after the markup is read.
    text: `<b>${escape(message.subject)}</b>\n${escape(atMost(rest, 3600))}`,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  };
}
