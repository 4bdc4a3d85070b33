"""CECF: isolated, highly available Kubernetes clusters on OpenStack, one for each business."""
