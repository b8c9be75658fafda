// The last question before rows are written: names the target and the numbers, and asks to type the name where something would be lost.
import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { RestorePlan } from '../../shared/contract/restores.ts';
import { api } from '../api.ts';
import { EnvironmentTag } from '../profiles/ProfileTag.tsx';
import { useRestore } from '../restores/store.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Facts } from '../ui/Facts.tsx';
import { count, plural } from '../ui/format.ts';
import { useLoad, type Loadable } from '../ui/loadable.ts';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import { chosenWords, strategyWords, type Outlook } from './choice.ts';
import { PreviewAgain } from './WaysOn.tsx';
import styles from './previews.module.css';
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
  const { stageOn: _, ...asked } = wanted;
  const request = { ...asked, ...choice, previewId: stage.id, safetyBackup, dryRun };
  // How it will be carried out: only the target knows whether names can be swapped.
  const [plan] = useLoad(JSON.stringify(request), (signal) => api.restores.plan(request, { signal }));
  return (
    <ConfirmDialog
      title={dryRun ? `Try it on ${preview.database}, then take it back?` : `${act}?`}
      action={dryRun ? `Dry run on ${preview.database}` : act}
      danger={danger && !dryRun}
      typed={mustType(preview, outlook, dryRun) ? { what: 'database name', value: preview.database } : null}
      onClose={onClose}
      actionFor={(error) => (error.code === 'PLAN_STALE' || error.code === 'NOT_FOUND' ? <PreviewAgain primary /> : undefined)}
      onConfirm={async () => {
        const ids = await api.restores.start({ ...request, fingerprint: preview.fingerprint, confirm: preview.database });
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
          Rows: `${count(effects.created)} added, ${count(effects.updated)} changed, ${count(effects.deleted)} deleted; ${count(effects.skipped)} unchanged`,
        }}
      />
      <Notice tone={danger ? 'bad' : 'ok'} title={danger ? sentenceOf(effects) : undefined}>
        {danger ? 'Live rows are overwritten or deleted.' : 'Nothing that exists is overwritten or deleted.'}
      </Notice>
      <Steps plan={plan} />
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

/** Takes its room from the beginning: the question below must not move under the mouse. */
function Steps({ plan }: { plan: Loadable<RestorePlan> }) {
  return (
    <ScrollRegion label="How it is done" className={styles['steps']}>
      {plan.status === 'loading' && <span className="dim">Looking at how it will be done…</span>}
      {plan.status === 'failed' && <ErrorNotice error={plan.error} />}
      {plan.status === 'ready' && (
        <>
          {plan.value.blockers.map((blocker) => (
            <ErrorNotice key={`${blocker.code} ${blocker.message}`} error={blocker} />
          ))}
          <ol aria-label="Steps">
            {plan.value.steps.map((step, index) => (
              <li key={`${index} ${step}`} className="wrap">
                {step}
              </li>
            ))}
          </ol>
          {plan.value.warnings.map(({ code, message }) => (
            <Notice key={`${code} ${message}`} tone="warn">
              {message}
            </Notice>
          ))}
        </>
      )}
    </ScrollRegion>
  );
}
