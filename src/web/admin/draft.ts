// A model as the wizard knows it while it is filled in, and the request and command that come of it.

import type { CreateModel, InferenceContainer, ModelType } from "../api/models.ts";
import type { Key } from "../strings/translate.ts";

/** All that can be filled in; numbers stay texts until they are sent. */
export interface Draft {
  modelId: string;
  modelName: string;
  modelType: ModelType;
  streaming: boolean;
  description: string;
  groups: string;
  hosted: boolean;
  modelUrl: string;
  apiKey: string;
  instanceType: string;
  inferenceContainer: InferenceContainer;
  baseImage: string;
  imageType: string;
  sharedMemorySize: string;
  environment: string;
  healthCommand: string;
  minCapacity: string;
  maxCapacity: string;
  cooldown: string;
  warmup: string;
  metricName: string;
  metricTarget: string;
  metricDuration: string;
  metricWarmup: string;
  healthPath: string;
  healthInterval: string;
  healthTimeout: string;
  healthyCount: string;
  unhealthyCount: string;
}

/** Upstream's defaults. */
export const EMPTY: Draft = {
  modelId: "", modelName: "", modelType: "textgen", streaming: true, description: "", groups: "",
  hosted: false, modelUrl: "", apiKey: "", instanceType: "g5.xlarge", inferenceContainer: "vllm",
  baseImage: "vllm/vllm-openai:latest", imageType: "asset", sharedMemorySize: "2048", environment: "",
  healthCommand: "curl --fail http://localhost:8080/health || exit 1",
  minCapacity: "1", maxCapacity: "1", cooldown: "420", warmup: "180",
  metricName: "RequestCountPerTarget", metricTarget: "30", metricDuration: "60", metricWarmup: "330",
  healthPath: "/health", healthInterval: "60", healthTimeout: "30", healthyCount: "2", unhealthyCount: "10",
};

export const BASE_IMAGES: Record<InferenceContainer, string> = {
  vllm: "vllm/vllm-openai:latest",
  tgi: "ghcr.io/huggingface/text-generation-inference:latest",
  tei: "ghcr.io/huggingface/text-embeddings-inference:latest",
  instructor: "python:3.12-slim",
};

/** What is wrong, by field. */
export type Faults = Partial<Record<keyof Draft, Key>>;

const ID = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
const AMOUNTS = [
  "sharedMemorySize", "cooldown", "warmup", "metricTarget", "metricDuration", "metricWarmup",
  "healthInterval", "healthTimeout", "healthyCount", "unhealthyCount",
] as const;

export function faults(draft: Draft, existing: readonly string[]): Faults {
  const found: Faults = {};
  if (!ID.test(draft.modelId)) found.modelId = "wizard.idForm";
  else if (existing.includes(draft.modelId)) found.modelId = "wizard.idTaken";
  if (draft.modelName.trim() === "") found.modelName = "wizard.missing";
  if (!draft.hosted) {
    if (draft.modelUrl !== "" && !/^https?:\/\/[^\s/]+/.test(draft.modelUrl)) found.modelUrl = "wizard.urlForm";
    return found;
  }
  if (draft.instanceType.trim() === "") found.instanceType = "wizard.missing";
  if (draft.baseImage.trim() === "") found.baseImage = "wizard.missing";
  if (!draft.healthPath.startsWith("/")) found.healthPath = "wizard.pathForm";
  for (const name of AMOUNTS) if (!(Number(draft[name]) > 0)) found[name] = "wizard.positive";
  if (!(Number(draft.minCapacity) >= 0)) found.minCapacity = "wizard.positive";
  if (!(Number(draft.maxCapacity) >= Number(draft.minCapacity))) found.maxCapacity = "wizard.maxBelowMin";
  if (draft.environment.split("\n").some((line) => line.trim() !== "" && !/^\s*[A-Za-z_]\w*=/.test(line))) found.environment = "wizard.environmentForm";
  return found;
}

/** The body of `POST /models`. */
export function requestOf(draft: Draft): CreateModel {
  const isText = draft.modelType === "textgen";
  const groups = listOf(draft.groups);
  return {
    modelId: draft.modelId,
    modelName: draft.modelName.trim(),
    modelType: draft.modelType,
    streaming: isText && draft.streaming,
    ...(draft.description.trim() ? { modelDescription: draft.description.trim() } : {}),
    ...(groups.length > 0 ? { allowedGroups: groups } : {}),
    ...(draft.hosted ? hosting(draft) : external(draft)),
  };
}

function external(draft: Draft): Partial<CreateModel> {
  return { ...(draft.modelUrl ? { modelUrl: draft.modelUrl.trim() } : {}), ...(draft.apiKey ? { apiKey: draft.apiKey } : {}) };
}

function hosting(draft: Draft): Partial<CreateModel> {
  return {
    instanceType: draft.instanceType.trim(),
    inferenceContainer: draft.inferenceContainer,
    containerConfig: {
      image: { baseImage: draft.baseImage.trim(), type: draft.imageType },
      sharedMemorySize: Number(draft.sharedMemorySize),
      healthCheckConfig: { command: ["CMD-SHELL", draft.healthCommand], interval: 10, startPeriod: 30, timeout: 5, retries: 2 },
      environment: environmentOf(draft.environment),
    },
    autoScalingConfig: {
      minCapacity: Number(draft.minCapacity),
      maxCapacity: Number(draft.maxCapacity),
      cooldown: Number(draft.cooldown),
      defaultInstanceWarmup: Number(draft.warmup),
      metricConfig: {
        albMetricName: draft.metricName,
        targetValue: Number(draft.metricTarget),
        duration: Number(draft.metricDuration),
        estimatedInstanceWarmup: Number(draft.metricWarmup),
      },
    },
    loadBalancerConfig: {
      healthCheckConfig: {
        path: draft.healthPath,
        interval: Number(draft.healthInterval),
        timeout: Number(draft.healthTimeout),
        healthyThresholdCount: Number(draft.healthyCount),
        unhealthyThresholdCount: Number(draft.unhealthyCount),
      },
    },
  };
}

/** The command that does the same. A key never stands in a command line: it would be kept in the shell's history. */
export function commandOf(draft: Draft): string {
  const { apiKey, ...request } = requestOf(draft);
  const shown = { ...request, ...(apiKey ? { apiKey: "$API_KEY" } : {}) };
  return `lisa model add --wait --file /dev/stdin <<${apiKey ? "JSON" : "'JSON'"}\n${JSON.stringify(shown, null, 2)}\nJSON`;
}

/** `a, b` as a list. */
export function listOf(text: string): string[] {
  return text.split(",").map((part) => part.trim()).filter(Boolean);
}

/** Lines of `NAME=value` as an object. */
export function environmentOf(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line));
  return Object.fromEntries(lines.flatMap((found) => (found ? [[found[1], found[2]]] : [])));
}

export function linesOf(environment: Record<string, string>): string {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`).join("\n");
}
