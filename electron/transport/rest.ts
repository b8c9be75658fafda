// The contract as REST: paths and methods are the contract's own, failures are {"error":{code,message,hint}}.
import { OpenAPIGenerator, type OpenAPI } from '@orpc/openapi';
import { OpenAPIHandler } from '@orpc/openapi/node';
import { onError } from '@orpc/server';
import { BodyLimitPlugin } from '@orpc/server/node';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { contract } from '../../shared/contract/index.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Caller } from '../engine/implementer.ts';
import { fromWireError } from './errors.ts';

/** Bytes; no call of the contract needs more. Dump files go to /upload. */
export const bodyLimit = 4 * 1024 * 1024;

/** What a failed REST call answers with. */
export function errorBody(report: ErrorReport): { error: ErrorReport } {
  return { error: report };
}

/** Answers `/api/…`. */
export function createRestHandler(engine: Pick<Engine, 'router'>, onFault: (thrown: unknown) => void) {
  return new OpenAPIHandler<Caller>(engine.router, {
    plugins: [new BodyLimitPlugin({ maxBodySize: bodyLimit })],
    customErrorResponseBodyEncoder: (error) => errorBody(fromWireError(error)),
    clientInterceptors: [onError(onFault)],
  });
}

const errorSchema: OpenAPI.SchemaObject = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'hint'],
      properties: {
        code: { type: 'string', description: 'stable: made to be compared' },
        message: { type: 'string', description: 'one sentence: what failed and why' },
        hint: { type: 'string', description: 'what to do next' },
        detail: { type: 'string', description: 'what the tool or server itself said, redacted' },
        command: { type: 'string', description: 'the command line that failed, redacted' },
      },
    },
  },
};

const uploadPath: NonNullable<OpenAPI.Document['paths']>[string] = {
  servers: [{ url: '/' }],
  post: {
    operationId: 'upload',
    summary: 'Hands over a dump file. Answers like dumps.open.',
    parameters: [{ name: 'name', in: 'query', required: true, schema: { type: 'string' }, description: 'the file’s name' }],
    requestBody: { required: true, content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } },
    responses: { '200': { description: 'OK' }, default: { $ref: '#/components/responses/Failed' } },
  },
};

/** The OpenAPI 3.1 document of everything under `/api`, and `/upload`. */
export async function openApiDocument(version: string): Promise<OpenAPI.Document> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = await generator.generate(contract, {
    info: {
      title: 'Howdah',
      version,
      description:
        'PostgreSQL backups and restores. Long work answers at once with a job id: follow it with GET /jobs/{id} or the event stream GET /jobs/{id}/watch.',
    },
    servers: [{ url: '/api' }],
    security: [{ apiToken: [] }],
    components: {
      securitySchemes: { apiToken: { type: 'http', scheme: 'bearer', description: 'printed by `howdah serve`; valid until it ends' } },
      responses: { Failed: { description: 'Failed', content: { 'application/json': { schema: errorSchema } } } },
    },
  });
  for (const item of Object.values(document.paths ?? {})) {
    for (const method of ['get', 'post', 'put', 'delete', 'patch'] as const) {
      const operation = item?.[method];
      if (operation !== undefined) operation.responses = { ...operation.responses, default: { $ref: '#/components/responses/Failed' } };
    }
  }
  document.paths = { ...document.paths, '/upload': uploadPath };
  return document;
}
