/** The only two channels between preload and main process. */
export const channels = { port: 'howdah:port', dropped: 'howdah:dropped' } as const;
