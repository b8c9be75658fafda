// An Adaptive Card for a webhook of the Workflows app in Microsoft Teams ("Post to a channel when a webhook request is received"):
// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
import { atMost, type Message, type MessageTone } from '../message.ts';
import { errorLines, itemLines } from './lines.ts';

const colours: Record<MessageTone, string> = { bad: 'Attention', attention: 'Warning', good: 'Good', plain: 'Default' };
/** Text blocks read a subset of Markdown. */
const escape = (text: string): string => text.replace(/([\\`*_[\]()#~>|-])/g, '\\$1');
const block = (text: string, more: object = {}) => ({ type: 'TextBlock', text: escape(atMost(text, 3000)), wrap: true, ...more });

export function teamsPayload(message: Message): object {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: message.subject,
          msteams: { width: 'Full' },
          body: [
            block(message.state, { weight: 'Bolder', color: colours[message.tone] }),
            block(message.subject, { size: 'Medium', weight: 'Bolder' }),
            block(message.summary),
            { type: 'FactSet', facts: message.facts.map(({ label, value }) => ({ title: label, value: escape(atMost(value, 500)) })) },
            ...errorLines(message).map((line) => block(line)),
            ...itemLines(message, 30).map((line) => block(line, { spacing: 'Small' })),
          ],
        },
      },
    ],
  };
}
