// The last question before rows are written: names the target and the numbers, and asks to type the name where something would be lost.
import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { api } from '../api.ts';
import { EnvironmentTag } from '../profiles/ProfileTag.tsx';
import { useRestore } from '../restores/store.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Facts } from '../ui/Facts.tsx';
import { plural } from '../ui/format.ts';
import { Notice } from '../ui/Notice.tsx';
import { chosenWords, strategyWords, type Outlook } from './choice.ts';
import { PreviewAgain } from './WaysOn.tsx';
import { isSwap, runOf, type PreviewStage } from './store.ts';
import { losesSomething, mustType, sentenceOf } from './verdict.ts';

export function ConfirmRestore({
  stage,
  outlook,
  onClose,
}: {
  stage: Extract<PreviewStage, { status: 'ready' }>;
  outlook: Outlook;
  onClose: () => void;
}) {
  const { preview, choice, wanted, care } = stage;
  const started = useRestore((state) => state.started);
  const [dryRun, setDryRun] = useState(false);
  const [safetyBackup, setSafetyBackup] = useState(care.safetyBackup);
  const { effects } = outlook;
  const whole = isSwap(stage);
  const own = choice.tableStrategies.map(({ schema, table, strategy }) => `${schema}.${table}: ${chosenWords[strategy]}`);
  const act = {
    replace: whole ? `Replace ${preview.database}` : `Replace rows of ${preview.database}`,
    merge: `Merge into ${preview.database}`,
    skip: `Add missing rows to ${preview.database}`,
  }[choice.strategy];
  const danger = losesSomething(outlook);
  const { stageOn: _, ...request } = wanted;
  return (
    <ConfirmDialog
      title={dryRun ? `Try it on ${preview.database}, then take it back?` : `${act}?`}
      action={dryRun ? `Dry run on ${preview.database}` : act}
      danger={danger && !dryRun}
      typed={mustType(preview, outlook, dryRun) ? { what: 'database name', value: preview.database } : null}
      onClose={onClose}
      actionFor={(error) => (error.code === 'PLAN_STALE' || error.code === 'NOT_FOUND' ? <PreviewAgain primary /> : undefined)}
      onConfirm={async () => {
        const ids = await api.restores.start({
          ...request,
          ...choice,
          previewId: stage.id,
          fingerprint: preview.fingerprint,
          confirm: preview.database,
          safetyBackup,
          dryRun,
        });
        started(ids, { run: runOf(stage), predicted: effects });
      }}
    >
      <Facts
        facts={{
          From: <span className="wrap">{stage.name}</span>,
          'Into database': <strong className="mono wrap">{preview.database}</strong>,
          On: (
            <span>
              {preview.profile} <EnvironmentTag environment={preview.environment} /> <span className="dim">{preview.server}</span>
            </span>
          ),
          Strategy: strategyWords[choice.strategy].name,
          Otherwise:
            own.length === 0 ? null : <span className="wrap">{own.length > 5 ? plural(own.length, 'table') : own.join(', ')}</span>,
          Adds: plural(effects.created, 'row'),
          Changes: plural(effects.updated, 'row'),
          Deletes: plural(effects.deleted, 'row'),
          'Passes by': `${plural(effects.skipped, 'row')} of the backup`,
        }}
      />
      {danger && (
        <Notice tone="bad" title={sentenceOf(effects)}>
          {whole
            ? 'The database is restored beside and the names are swapped; the old one is kept until you discard it.'
            : 'What is overwritten or deleted is in the safety backup, and undo brings it back.'}
        </Notice>
      )}
      {!danger && <Notice tone="ok">Nothing that exists is overwritten or deleted.</Notice>}
      {preview.triggers === 'on' && !whole && (
        <Notice tone="warn">Triggers of the target will run: your role may not switch them off.</Notice>
      )}
      <Checkbox
        label="Dry run"
        description="Do all of it, compare the result with these numbers, then take it back."
        checked={dryRun}
        onChange={(event) => setDryRun(event.currentTarget.checked)}
      />
      <Checkbox
        label="Make a safety backup of the target first"
        checked={safetyBackup && !dryRun}
        disabled={dryRun}
        onChange={(event) => setSafetyBackup(event.currentTarget.checked)}
      />
      {!safetyBackup && !dryRun && <Notice tone="bad">Without a safety backup this cannot be undone.</Notice>}
    </ConfirmDialog>
  );
}
