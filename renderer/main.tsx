import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './ui/base.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from './api.ts';
import { App } from './app.tsx';
import { errorReport } from './errors.ts';
import { ErrorNotice } from './ui/Notice.tsx';
import { cssVariables, theme } from './ui/theme.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');

const failure = await connect().then(
  () => null,
  (thrown: unknown) => errorReport(thrown),
);
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      {failure === null ? <App /> : <ErrorNotice error={failure} />}
    </MantineProvider>
  </StrictMode>,
);
