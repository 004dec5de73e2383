// Model management: the types that `/models` speaks, and its calls.

import { rest } from "./request.ts";

export type ModelStatus = "Creating" | "InService" | "Starting" | "Stopping" | "Stopped" | "Updating" | "Deleting" | "Failed";
export type ModelType = "textgen" | "embedding" | "imagegen" | "videogen";
export type InferenceContainer = "vllm" | "tgi" | "tei" | "instructor";

export interface ContainerConfig {
  image: { baseImage: string; type: string };
  sharedMemorySize: number;
  healthCheckConfig: { command: string | string[]; interval: number; startPeriod: number; timeout: number; retries: number };
  environment?: Record<string, string>;
}

export interface AutoScalingConfig {
  minCapacity: number;
  maxCapacity: number;
  cooldown: number;
  defaultInstanceWarmup: number;
  metricConfig: { albMetricName: string; targetValue: number; duration: number; estimatedInstanceWarmup: number };
}

export interface LoadBalancerConfig {
  healthCheckConfig: { path: string; interval: number; timeout: number; healthyThresholdCount: number; unhealthyThresholdCount: number };
}

/** The body of `POST /models`. The five hosting fields come together or not at all. */
export interface CreateModel {
  modelId: string;
  modelName: string;
  modelType: ModelType;
  modelUrl?: string;
  modelDescription?: string;
  streaming?: boolean;
  allowedGroups?: string[];
  apiKey?: string;
  features?: { name: string; overview?: string }[];
  instanceType?: string;
  inferenceContainer?: InferenceContainer;
  containerConfig?: ContainerConfig;
  autoScalingConfig?: AutoScalingConfig;
  loadBalancerConfig?: LoadBalancerConfig;
}

export interface Model extends CreateModel {
  status: ModelStatus;
  /** Why the model is as it is, where something failed. */
  failureReason?: string;
  contextWindow?: number;
}

export interface UpdateModel {
  enabled?: boolean;
  streaming?: boolean;
  modelType?: ModelType;
  modelDescription?: string;
  allowedGroups?: string[];
  autoScalingInstanceConfig?: { minCapacity?: number; maxCapacity?: number; desiredCapacity?: number };
  containerConfig?: { environment?: Record<string, string> };
}

/** What is asked about a model by its own path. */
const at = (id: string): string => `/models/${encodeURIComponent(id)}`;

export async function listModels(): Promise<Model[]> {
  const { models } = await rest<{ models: Model[] }>("/models");
  return models.map(normal).sort((one, other) => one.modelId.localeCompare(other.modelId));
}

/** Spellings of the cause differ by version. */
function normal(model: Model & { failure_reason?: string; statusReason?: string }): Model {
  const reason = model.failureReason ?? model.failure_reason ?? model.statusReason;
  return reason ? { ...model, failureReason: reason } : model;
}

export const createModel = (body: CreateModel): Promise<unknown> => rest("/models", { method: "POST", body });
export const updateModel = (id: string, body: UpdateModel): Promise<unknown> => rest(at(id), { method: "PUT", body });
export const deleteModel = (id: string): Promise<unknown> => rest(at(id), { method: "DELETE" });

/** What a model can be hosted on: nothing where there is no account to make its hosts in. */
export async function instanceTypes(): Promise<string[]> {
  const found = await rest<string[] | { instances: string[] }>("/models/metadata/instances");
  return Array.isArray(found) ? found : found.instances;
}

/** Whether a model can be hosted here, once that is known; a list that cannot be had says nothing against it. */
export const canHost = ({ data, isError }: { data: readonly string[] | undefined; isError: boolean }): boolean => (data ? data.length > 0 : isError);

export const MOVING: ReadonlySet<ModelStatus> = new Set(["Creating", "Starting", "Stopping", "Updating", "Deleting"]);

/** What may be done to a model as it is. */
export function allowed(model: Model): { start: boolean; stop: boolean; update: boolean; remove: boolean } {
  const hosted = model.containerConfig !== undefined || model.instanceType !== undefined;
  return {
    start: hosted && model.status === "Stopped",
    stop: hosted && model.status === "InService",
    update: model.status === "InService" || model.status === "Stopped",
    remove: model.status !== "Deleting",
  };
}
