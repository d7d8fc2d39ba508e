// Models that are no plain transformers. Their requests are samples of the model's benchmark.
#include <array>

#include "registry/network.hpp"

namespace ironlaw {
namespace {

const std::array<ModelSpec, 17> kModels{{
    {.id = "resnet-50",
     .title = "ResNet-50 v1.5",
     .kind = ModelKind::convnet,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "He et al. 2015 arXiv:1512.03385 table 1; stride in the 3x3 convolution (v1.5)",
     .lengths_source = "one image of 224x224x3",
     .train_len = 1,
     .network = &kResNet50},
    {.id = "mobilenet-v1-0.25",
     .title = "MobileNetV1 0.25 (visual wake words)",
     .kind = ModelKind::convnet,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Howard et al. 2017 arXiv:1704.04861 table 1, a quarter as wide, as in MLPerf Tiny "
               "(Banbury et al. 2021 arXiv:2106.07597)",
     .lengths_source = "one image of 96x96x3",
     .train_len = 1,
     .network = &kMobileNetV1Quarter},
    {.id = "ds-cnn",
     .title = "DS-CNN (keyword spotting)",
     .kind = ModelKind::convnet,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Zhang et al. 2017 arXiv:1711.07128, DS-CNN (S), as in MLPerf Tiny (Banbury et al. 2021 "
               "arXiv:2106.07597)",
     .lengths_source = "one second of speech as 49x10 features",
     .train_len = 1,
     .network = &kDsCnn},
    {.id = "retinanet",
     .title = "RetinaNet (ResNeXt-50 32x4d, 800x800)",
     .kind = ModelKind::convnet,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Lin et al. 2017 arXiv:1708.02002; backbone Xie et al. 2016 arXiv:1611.05431; MLPerf: 264 "
               "classes, 37.1e6 parameters (mlperf_inference/benchmarks.csv)",
     .lengths_source = "one image of 800x800x3 (OpenImages)",
     .train_len = 1,
     .network = &kRetinaNet},
    {.id = "3d-unet",
     .title = "3D U-Net (KiTS19)",
     .kind = ModelKind::convnet,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Isensee et al. 2018 arXiv:1809.10486; mlcommons/training "
               "retired_benchmarks/unet3d/pytorch/model/unet3d.py; 30.8e6 parameters "
               "(mlperf_inference/benchmarks.csv)",
     .lengths_source = "one case: 60 windows of 128^3 voxels, estimated from the mean of 32,944,795 voxels a "
                       "case (20% uncertain); training: one crop of 128^3",
     .train_len = 1,
     .network = &k3dUnet,
     .training = &k3dUnetTraining},
    {.id = "mask-rcnn",
     .title = "Mask R-CNN (ResNet-50 FPN)",
     .kind = ModelKind::convnet,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "He et al. 2017 arXiv:1703.06870; torchvision maskrcnn_resnet50_fpn, 44.4e6 parameters",
     .lengths_source =
         "one image of 800x1088x3: COCO's usual 4:3, padded; 512 regions, 128 of them with a mask "
         "(the cap; how many there are is not published)",
     .train_len = 1,
     .network = &kMaskRcnn},
    {.id = "ssd-resnet34",
     .title = "SSD-ResNet34 (1200x1200)",
     .kind = ModelKind::convnet,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Liu et al. 2015 arXiv:1512.02325; MLPerf Inference arXiv:1911.02549 table 1: 433 GOPS "
               "(its 36.3e6 parameters count layers that the network leaves out)",
     .lengths_source = "one image of 1200x1200x3 (COCO)",
     .train_len = 1,
     .network = &kSsdResNet341200},
    {.id = "ssd-resnet34-300",
     .title = "SSD-ResNet34 (300x300)",
     .kind = ModelKind::convnet,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Liu et al. 2015 arXiv:1512.02325; mlcommons/training single_stage_detector/ssd (until "
               "v1.1)",
     .lengths_source = "one image of 300x300x3 (COCO)",
     .train_len = 1,
     .network = &kSsdResNet34300},
    {.id = "ssd-mobilenet",
     .title = "SSD-MobileNet v1 (300x300)",
     .kind = ModelKind::convnet,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Howard et al. 2017 arXiv:1704.04861; MLPerf Inference arXiv:1911.02549 table 1: 6.91e6 "
               "parameters, 2.47 GOPS",
     .lengths_source = "one image of 300x300x3 (COCO)",
     .train_len = 1,
     .network = &kSsdMobileNet},
    {.id = "stable-diffusion-xl",
     .title = "Stable Diffusion XL 1.0",
     .kind = ModelKind::diffusion,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Podell et al. 2023 arXiv:2307.01952: U-Net 2.6e9 parameters; "
               "stabilityai/stable-diffusion-xl-base-1.0 unet, text_encoder, text_encoder_2, vae "
               "config.json",
     .lengths_source =
         "one image of 1024x1024 from 77 tokens, 20 steps with guidance (MLPerf Inference v4.0); "
         "training: one noise level",
     .train_len = 1,
     .network = &kSdxl,
     .training = &kSdxlTraining},
    {.id = "stable-diffusion-v2",
     .title = "Stable Diffusion 2 base",
     .kind = ModelKind::diffusion,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Rombach et al. 2021 arXiv:2112.10752; stabilityai/stable-diffusion-2-base unet "
               "config.json: 865.9e6 parameters of the U-Net",
     .lengths_source =
         "one image of 512x512 from 77 tokens; 20 steps with guidance are assumed; training: one "
         "noise level of latents that are read, the text encoder runs (MLPerf Training v3.1)",
     .train_len = 1,
     .network = &kSd2,
     .training = &kSd2Training},
    {.id = "flux.1-schnell",
     .title = "FLUX.1 schnell",
     .kind = ModelKind::diffusion,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "black-forest-labs/FLUX.1-schnell transformer/config.json: 11.9e9 parameters "
               "(mlperf_training/benchmarks.csv); the text encoder is left out",
     .lengths_source = "one image of 1024x1024 from 256 tokens in 4 steps, as its card recommends; training: "
                       "256x256, one noise level of encoded texts and latents that are read (MLPerf Training "
                       "v5.1)",
     .train_len = 1,
     .network = &kFlux,
     .training = &kFluxTraining},
    {.id = "dlrm-v1",
     .title = "DLRM (Criteo 1TB)",
     .kind = ModelKind::recommender,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Naumov et al. 2019 arXiv:1906.00091; mlcommons/inference recommendation/dlrm: 26 tables "
               "of 128 columns, 24e9 parameters",
     .lengths_source = "one query of 270 pairs of user and item, the mean of 100 to 700 (MLPerf Inference, "
                       "dist_quantile.txt); training: one pair",
     .train_len = 1,
     .network = &kDlrm,
     .training = &kDlrmTraining},
    {.id = "dlrm-v2",
     .title = "DLRM-DCNv2 (Criteo 1TB multi-hot)",
     .kind = ModelKind::recommender,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "Naumov et al. 2019 arXiv:1906.00091, Wang et al. 2020 arXiv:2008.13535; "
               "mlcommons/training recommendation_v2/torchrec_dlrm: 3 cross layers of rank 512, 214 "
               "look-ups",
     .lengths_source = "one query of 270 pairs of user and item, the mean of 100 to 700 (MLPerf Inference, "
                       "dist_quantile.txt); training: one pair",
     .train_len = 1,
     .network = &kDlrmV2,
     .training = &kDlrmV2Training},
    {.id = "rnnt",
     .title = "RNN-T (LibriSpeech)",
     .kind = ModelKind::recurrent,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "He et al. 2018 arXiv:1811.06621; mlcommons/inference speech_recognition/rnnt: 45.3e6 "
               "parameters; training: mlcommons/training rnn_speech_recognition, 49.8e6",
     .lengths_source =
         "one utterance; derived: LibriSpeech dev-clean up to 15 s, about 6.2 s and 91 letters; "
         "training: 960 h in 281,241 utterances, 12.3 s and about 43 word pieces; their spread is "
         "not modelled",
     .train_len = 1,
     .network = &kRnnt,
     .training = &kRnntTraining},
    {.id = "gnmt",
     .title = "GNMT (WMT16 en-de)",
     .kind = ModelKind::recurrent,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source =
         "Wu et al. 2016 arXiv:1609.08144; mlcommons/training retired_benchmarks/gnmt: 160e6 parameters",
     .lengths_source =
         "one pair of sentences of 29 word pieces each, derived from WMT16's 25 words a sentence; "
         "their spread is not modelled; inference: assumed, as the forward pass over a known "
         "translation",
     .train_len = 1,
     .network = &kGnmt},
    {.id = "whisper-large-v3",
     .title = "Whisper large v3",
     .kind = ModelKind::seq2seq,
     .shape = {},
     .input_len = 1,
     .output_len = 63.4595,
     .source = "Radford et al. 2022 arXiv:2212.04356; openai/whisper-large-v3 config.json: 1543e6 "
               "parameters",
     .lengths_source = "30 s of sound (all are padded to that) and the tokens of its text: MLPerf Inference "
                       "v5.1, LibriSpeech, mean of closed results",
     .train_len = 1,
     .network = &kWhisper},
}};

}  // namespace

std::span<const ModelSpec> network_models() {
  return kModels;
}

}  // namespace ironlaw
