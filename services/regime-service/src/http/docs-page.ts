import type { ApiRoute } from './api-route.ts';
import type { ApiDocument } from './openapi.ts';

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (mark) => `&#${mark.codePointAt(0) ?? 0};`);

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#1c2733;background:#fff}
h2{margin-top:2rem;text-transform:capitalize}details{border:1px solid #d5dde5;border-radius:6px;margin:.4rem 0;padding:.5rem .8rem}
summary{cursor:pointer}code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#f4f7fa;padding:.7rem;overflow:auto;border-radius:4px}
.m{display:inline-block;min-width:3.4rem;font-weight:700}.get{color:#0b6b3a}.post,.put{color:#a24a00}.k{background:#fff1d6;border-radius:4px;padding:0 .4rem;font-size:12px}
@media(prefers-color-scheme:dark){body{color:#dfe7ef;background:#12181f}details{border-color:#334150}pre{background:#1a232d}.get{color:#5fd39a}.post,.put{color:#ffb066}.k{background:#4a3710}}`;

interface Operation {
  readonly parameters?: readonly object[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: object }>> };
  readonly responses?: Readonly<
    Record<
      string,
      { readonly description?: string; readonly content?: Readonly<Record<string, { readonly schema?: object }>> }
    >
  >;
}

const shownJson = (value: unknown): string => `<pre>${escaped(JSON.stringify(value, null, 2))}</pre>`;

const exampleOf = ({ method, path, isChange = false, isValidation = false, schemas }: ApiRoute): string => {
  const url = `http://localhost:8080${path.replaceAll(/\{(\w+)\}/g, 'adaptive_scoring_layer')}`;
  const needsSymbol = schemas.query?.safeParse({}).success === false;
  const key = isChange ? ` -H "Authorization: Bearer $OPERATOR_KEY"` : '';
  const verb = method === 'get' ? '' : ` -X ${method.toUpperCase()}`;
  const needsBody = isValidation || schemas.body?.safeParse(undefined).success === false;
  const body = needsBody ? ' --data-binary @body.yaml' : '';
  return `curl -s${verb}${key}${body} '${url}${needsSymbol ? '?symbol=BTCUSDT' : ''}'`;
};

const operationOf = (document: ApiDocument, { path, method }: ApiRoute): Operation =>
  ((document.paths?.[path] ?? {}) as Readonly<Record<string, Operation>>)[method] ?? {};

const pageEntry = (route: ApiRoute, { parameters, requestBody, responses }: Operation): string => {
  const { method, path, summary, isChange = false } = route;
  const body = requestBody?.content?.['application/json']?.schema;
  const good = responses?.['200']?.content?.['application/json']?.schema;
  const failures = Object.entries(responses ?? {}).filter(([status]) => status !== '200');
  return `<details><summary><span class="m ${method}">${method.toUpperCase()}</span> <code>${escaped(path)}</code>
${isChange ? '<span class="k">operator key</span>' : ''} ${escaped(summary)}</summary>
<pre>${escaped(exampleOf(route))}</pre>
${(parameters ?? []).length > 0 ? `<h4>Parameters</h4>${shownJson(parameters)}` : ''}
${body === undefined ? '' : `<h4>Body (JSON or YAML)</h4>${shownJson(body)}`}
<h4>200</h4>${shownJson(good)}
${failures.map(([status, { description = '' }]) => `<p><b>${status}</b> ${escaped(description)}</p>`).join('')}</details>`;
};

/** Returns the page that shows the API: one HTML text without scripts, and nothing of it comes from elsewhere. */
export const docsPage = (routes: readonly ApiRoute[], document: ApiDocument): string => {
  const tags = [...new Set(routes.map(({ tag }) => tag))];
  const sections = tags.map((tag) => {
    const entries = routes.filter((route) => route.tag === tag);
    return `<h2>${tag}</h2>${entries.map((route) => pageEntry(route, operationOf(document, route))).join('\n')}`;
  });
  const { title, version, description = '' } = document.info;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body><h1>${escaped(title)} <small>${escaped(version)}</small></h1>
<p>${escaped(description)} The same as a document: <a href="/openapi.json">openapi.json</a>.</p>${sections.join('\n')}</body></html>`;
};
