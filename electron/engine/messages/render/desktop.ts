import { atMost, type Message } from '../message.ts';

/** Two lines are what a notification has room for. */
export const desktopNotification = (message: Message) => ({
  title: atMost(message.subject, 150),
  body: atMost(message.error === null ? message.summary : `${message.error.message} Next step: ${message.error.hint}`, 300),
  page: message.page,
  id: message.data.runId,
});
