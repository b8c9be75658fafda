// The profile form as data.
import type { Profile, ProfileFields } from '../../shared/contract/profiles.ts';

export const sslModeChoices: { value: ProfileFields['sslMode']; label: string }[] = [
  { value: 'disable', label: 'disable: never encrypted' },
  { value: 'allow', label: 'allow: only if the server insists' },
  { value: 'prefer', label: 'prefer: encrypted where possible' },
  { value: 'require', label: 'require: encrypted, server not checked' },
  { value: 'verify-ca', label: 'verify-ca: certificate checked' },
  { value: 'verify-full', label: 'verify-full: certificate and name checked' },
];

export const environmentChoices: { value: ProfileFields['environment']; label: string }[] = [
  { value: 'production', label: 'Production' },
  { value: 'staging', label: 'Staging' },
  { value: 'development', label: 'Development' },
  { value: 'other', label: 'Other' },
];

export const colours: { value: string; name: string }[] = [
  { value: '#e03131', name: 'red' },
  { value: '#e8590c', name: 'orange' },
  { value: '#f08c00', name: 'amber' },
  { value: '#2f9e44', name: 'green' },
  { value: '#0c8599', name: 'teal' },
  { value: '#1c7ed6', name: 'blue' },
  { value: '#4c6ef5', name: 'indigo' },
  { value: '#9c36b5', name: 'purple' },
  { value: '#868e96', name: 'grey' },
];

/** What becomes of the stored password on saving. */
export type PasswordChange = { kind: 'keep' } | { kind: 'set'; password: string } | { kind: 'forget' };

export const freshProfile: ProfileFields = {
  name: '',
  host: '',
  port: null,
  user: '',
  database: '',
  sslMode: 'prefer',
  sslRootCert: '',
  sslCert: '',
  sslKey: '',
  service: '',
  environment: 'other',
  colour: '#4c6ef5',
  clientDirectory: '',
  backupDirectory: '',
  quickExcludePatterns: [],
};

export function fieldsOf(profile: Profile): ProfileFields {
  const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, hasPassword: _hasPassword, ...fields } = profile;
  return fields;
}

/** `undefined` leaves the password as it is, null forgets it. */
export function passwordInput(change: PasswordChange): { password?: string | null } {
  switch (change.kind) {
    case 'keep':
      return {};
    case 'set':
      return { password: change.password };
    case 'forget':
      return { password: null };
  }
}
