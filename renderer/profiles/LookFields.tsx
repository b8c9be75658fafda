import { SegmentedControl, Stack } from '@mantine/core';
import { ColourChoice } from '../ui/ColourChoice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import type { FieldsPart } from './ConnectionFields.tsx';
import { environmentChoices } from './form.ts';

/** How it is told apart from the others, and how careful Howdah is with it. */
export function LookFields({ fields, patch }: FieldsPart) {
  return (
    <Section title="Environment">
      <Stack gap="sm">
        <SegmentedControl
          aria-label="Environment"
          value={fields.environment}
          onChange={(environment) => patch({ environment })}
          data={environmentChoices}
          style={{ alignSelf: 'flex-start' }}
        />
        <span className="dim">
          Production is shown in red everywhere, and asks for the database’s name before anything is replaced or dropped.
        </span>
        <ColourChoice value={fields.colour} onChange={(colour) => patch({ colour })} />
      </Stack>
    </Section>
  );
}
