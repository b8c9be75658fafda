// E-mail, in both forms, from resources/templates/message.{html,txt}. The HTML one is made of tables, because Outlook
// reads nothing newer, and says its state in words beside the colour.
import { readFileSync } from 'node:fs';
import Mustache from 'mustache';
import type { Message, MessageTone } from '../message.ts';
import { templateFile } from '../templates.ts';

const colours: Record<MessageTone, { ink: string; paper: string }> = {
  bad: { ink: '#ffffff', paper: '#c92a2a' },
  attention: { ink: '#ffffff', paper: '#a84300' },
  good: { ink: '#ffffff', paper: '#2b8a3e' },
  plain: { ink: '#ffffff', paper: '#3b5bdb' },
};

function view(message: Message) {
  return {
    ...message,
    colour: colours[message.tone],
    hasItems: message.items !== null,
    hasError: message.error !== null,
    preheader: message.error === null ? message.summary : `${message.error.message} ${message.error.hint}`,
    underline: '='.repeat(Math.min(70, message.subject.length)),
  };
}

/** Escapes everything: whatever a database or a server's error is called, it is shown and not run. */
export const emailHtml = (message: Message): string => Mustache.render(readFileSync(templateFile('message.html'), 'utf8'), view(message));

export const emailText = (message: Message): string =>
  Mustache.render(readFileSync(templateFile('message.txt'), 'utf8'), view(message), undefined, { escape: String });
