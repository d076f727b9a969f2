package org.alexnetedge.ort.training;

/**
 * The functions of {@code OrtTrainingApi}, in its order (onnxruntime_training_c_api.h, 1.24.1).
 * Parameters are given as in the header, without the type prefixes.
 */
enum TrainingFunction {
  LoadCheckpoint, // (path, out state)
  SaveCheckpoint, // (state, path, with optimizer state)
  CreateTrainingSession, // (env, options, state, training, eval, optimizer, out)
  CreateTrainingSessionFromBuffer, // (env, options, state, (data, size) three times, out)
  TrainingSessionGetTrainingModelOutputCount, // (session, out)
  TrainingSessionGetEvalModelOutputCount, // (session, out)
  TrainingSessionGetTrainingModelOutputName, // (session, i, allocator, out)
  TrainingSessionGetEvalModelOutputName, // (session, i, allocator, out)
  LazyResetGrad, // (session)
  TrainStep, // (session, run options, n, inputs, n, outputs)
  EvalStep, // (session, run options, n, inputs, n, outputs)
  SetLearningRate, // (session, float)
  GetLearningRate, // (session, out float)
  OptimizerStep, // (session, run options)
  RegisterLinearLRScheduler, // (session, warm-up steps, steps, float)
  SchedulerStep, // (session)
  GetParametersSize, // (session, out, trainable only)
  CopyParametersToBuffer, // (session, buffer, trainable only)
  CopyBufferToParameters, // (session, buffer, trainable only)
  ReleaseTrainingSession, // (session)
  ReleaseCheckpointState, // (state)
  ExportModelForInferencing, // (session, path, n, names)
  SetSeed, // (seed)
  TrainingSessionGetTrainingModelInputCount, // (session, out)
  TrainingSessionGetEvalModelInputCount, // (session, out)
  TrainingSessionGetTrainingModelInputName, // (session, i, allocator, out)
  TrainingSessionGetEvalModelInputName, // (session, i, allocator, out)
  AddProperty, // (state, name, type, value)
  GetProperty, // (state, name, allocator, out type, out value)
  LoadCheckpointFromBuffer, // (data, size, out state)
  GetParameterTypeAndShape, // (state, name, out)
  UpdateParameter, // (state, name, value)
  GetParameter; // (state, name, allocator, out)

  /** Number of functions in the struct. */
  static final int COUNT = 33;
}
