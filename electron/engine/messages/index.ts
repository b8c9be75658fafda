export { createMessages } from './create.ts';
export { messagesHandlers } from './handlers.ts';
